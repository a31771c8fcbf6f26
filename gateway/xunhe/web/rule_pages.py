"""规则: the rulebook in words, with its thresholds and what each rule raised lately.

Read only: a rule is changed in the checked file that `rules.file` names, after `xunhe rules try`
has shown what it would have raised. A form that writes rules would pass that by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from xunhe.adapters.store import rule_counts
from xunhe.adapters.store.rule_counts import Raised
from xunhe.alerts.explain import explained
from xunhe.alerts.rulebook import RuleBook
from xunhe.alerts.words import Words
from xunhe.domain.incident import Rule
from xunhe.web.console import ConsoleDep
from xunhe.web.freshness import stand
from xunhe.web.templates import render
from xunhe.web.wording import RULE_NAMES, words
from xunhe.web.wording import Words as PageWords

_LATELY = timedelta(days=30)
SEEN = (
    Rule.SEEN_DISCHARGE,
    Rule.SEEN_LITTER,
    Rule.SEEN_MAT,
    Rule.SEEN_DUMPING,
    Rule.BLIND,
    Rule.LID_OPEN,
    Rule.ADRIFT,
)
_BESIDE = {
    "came_downstream": PageWords("同一股水到达下游", "The same water further down"),
    "grouping": PageWords("归并", "Grouping"),
    "ticket": PageWords("工单时限", "Deadline of a ticket"),
}
_PLAIN = (int, float, str, bool, tuple)

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule of the book. `keys` are its thresholds as the file names them."""

    name: str
    severity: str
    is_enabled: bool
    meaning: Words
    keys: tuple[tuple[str, str], ...]
    raised: Raised


@router.get("/rules")
def rules_page(request: Request, console: ConsoleDep) -> Response:
    """The rules in force."""
    with console.database.read() as connection:
        raised = rule_counts.raised(connection, console.clock.now() - _LATELY)
        live = stand(connection)
    names = console.rules.rules
    meanings = dict(explained(console.rules))
    return render(
        request,
        "rules.html",
        shown=list(_shown(console.rules, meanings, raised)),
        others=[(name, _title(name), said) for name, said in meanings.items() if name not in names],
        seen=[(str(name), raised.get(name, Raised())) for name in SEEN],
        rule_names=RULE_NAMES,
        days=_LATELY.days,
        **live,
    )


def _shown(
    book: RuleBook, meanings: dict[str, Words], raised: dict[str, Raised]
) -> Iterator[RuleShown]:
    for name, rule in book.rules.items():
        keys = tuple(_keys(rule.model_dump()))
        yield RuleShown(
            name,
            rule.severity.value,
            rule.enabled,
            meanings[name],
            keys,
            raised.get(name, Raised()),
        )


def _title(name: str) -> PageWords:
    """Of what the book has beside its rules; an inhibition is named after the rule that mutes."""
    of = name.removeprefix("inhibit.")
    if of in _BESIDE:
        return _BESIDE[of]
    rule = words(RULE_NAMES, of)
    return PageWords(f"{rule.zh}时不报", f"While: {rule.en.lower()}")


def _keys(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a person may compare with his file: plain values, those that are set."""
    for key, value in table.items():
        if key not in ("looks_for", "enabled", "severity") and isinstance(value, _PLAIN):
            text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            if text:
                yield key, text
