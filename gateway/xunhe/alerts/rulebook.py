"""The rules as data: what a rule file says, checked as a whole.

A site's file changes the shipped one: it holds only what differs. Everything that is wrong with it
is told at once, each with the nearest valid name.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from xunhe.alerts.overlay import with_changes
from xunhe.alerts.rules.base import RuleBase
from xunhe.alerts.rules.early_warning import WarningRule
from xunhe.alerts.rules.fault import FaultRule
from xunhe.alerts.rules.step import StepRule
from xunhe.alerts.rules.threshold import ThresholdRule
from xunhe.alerts.rules.unheard import UnheardRule
from xunhe.alerts.rules.water_class import ClassRule
from xunhe.domain.incident import Kind, Rule
from xunhe.settings import Checked, Positive, Section, SettingsError, checked, nearest
from xunhe.water.qc.limits import RIVER, QcLimits

_FORMS: dict[str, type[RuleBase]] = {
    "class": ClassRule,
    "step": StepRule,
    "threshold": ThresholdRule,
    "early_warning": WarningRule,
    "fault": FaultRule,
    "unheard": UnheardRule,
}
_TABLES = ("rule", "inhibit", "grouping", "ticket", "qc")


class Inhibit(Section):
    """While the rule `by` sees something, findings of the kinds `mutes` are not raised.

    `same_station`: at its station, with `same_indicator` only about that indicator.
    `downstream`: a finding that is the same water further down joins and adds no alarm of its own.
    """

    by: str | None = None
    mutes: tuple[Kind, ...]
    where: Literal["same_station", "downstream"] = "same_station"
    same_indicator: bool = False


class Grouping(Section):
    """When two findings can be of the same water: travel times are uncertain, reports late."""

    earliest: Positive = 0.5  # of the travel time: a plume's front runs ahead of the mean velocity
    latest: Positive = 2.0  # and its tail lags behind
    slack_s: Positive = 20 * 60  # several samples, the rules' own delay
    quiet_s: Positive = 2 * 3600  # a pause of one discharge, not yet another one
    beside_s: Positive = 120  # of travel: a buoy beside a mouth, positions being what they are
    same_spot_m: Positive = 15  # two flights' positions of one thing


class TicketTerms(Section):
    """Deadlines."""

    hours: Positive = 24


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All rules in force. `unheard` is one of `rules`: it is asked by the clock, too."""

    rules: Mapping[str, RuleBase]
    unheard: UnheardRule
    inhibits: Mapping[str, Inhibit]
    grouping: Grouping
    ticket: TicketTerms
    limits: Mapping[str, QcLimits]

    @property
    def limits_by_property(self) -> Mapping[str, Sequence[float]]:
        """The values at which threshold rules raise, ascending."""
        found: dict[str, list[float]] = {}
        for rule in self.rules.values():
            if isinstance(rule, ThresholdRule):
                limits = (limit for limit in (rule.above, rule.below) if limit is not None)
                found.setdefault(rule.indicator, []).extend(limits)
        return {prop: sorted(limits) for prop, limits in found.items()}

    @property
    def links_downstream(self) -> frozenset[Kind]:
        """Kinds whose findings downstream of the same water raise no alarm of their own."""
        downstream = (i for i in self.inhibits.values() if i.where == "downstream")
        return frozenset(kind for inhibit in downstream for kind in inhibit.mutes)


def rulebook(tables: Mapping[str, Any], source: str) -> RuleBook:
    """The rules that a file's tables say. Raises SettingsError with everything that is wrong."""
    reader = _Reader(source)
    reader.only_known(tables, _TABLES, "")
    rules = reader.rules(reader.tables(tables, "rule"))
    book = RuleBook(
        rules,
        reader.unheard(rules),
        reader.inhibits(reader.tables(tables, "inhibit"), rules),
        reader.section(Grouping, tables.get("grouping", {}), "grouping") or Grouping(),
        reader.section(TicketTerms, tables.get("ticket", {}), "ticket") or TicketTerms(),
        reader.limits(reader.tables(tables, "qc")),
    )
    if reader.problems:
        raise SettingsError("\n".join(reader.problems))
    return book


def changed(tables: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The shipped tables with a site's changes: tables are merged, all else is replaced."""
    merged = dict(tables)
    for key, value in changes.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = changed(before, value)
        else:
            merged[key] = value
    return merged


class _Reader:
    """Reads table after table and goes on after a problem."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.problems: list[str] = []

    def tables(self, tables: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """The tables below `[name.…]`."""
        found = tables.get(name, {})
        wrong = [name] if not isinstance(found, Mapping) else []
        wrong = wrong or [f"{name}.{k}" for k, v in found.items() if not isinstance(v, Mapping)]
        self._tell(*(f"{key} must be a table" for key in wrong))
        return {} if wrong else found

    def only_known(self, table: Mapping[str, Any], known: Iterable[str], within: str) -> None:
        """Name every key that there is not."""
        names = list(known)
        strange = (key for key in table if key not in names)
        self._tell(*(f"unknown key {within}{key}{nearest(key, names)}" for key in strange))

    def section(self, model: type[Checked], table: Any, within: str) -> Checked | None:
        """A table of that form, or None with the problem told."""
        try:
            return checked(model, table, self._source, within)
        except SettingsError as error:
            self.problems.append(str(error))
            return None

    def rules(self, tables: Mapping[str, Any]) -> dict[str, RuleBase]:
        """Every `[rule.…]` in the form that its `looks_for` names."""
        found = {}
        for name, table in tables.items():
            form = str(table.get("looks_for", ""))
            if form not in _FORMS:
                kinds = ", ".join(_FORMS)
                near = nearest(form, _FORMS)
                self._tell(f"rule.{name}.looks_for must be one of {kinds}, not {form!r}{near}")
            elif rule := self.section(_FORMS[form], table, f"rule.{name}"):
                found[name] = rule
        return found

    def unheard(self, rules: Mapping[str, RuleBase]) -> UnheardRule:
        """The one rule for stations that are not heard, under the name that it always has."""
        silent = {name: rule for name, rule in rules.items() if isinstance(rule, UnheardRule)}
        if list(silent) != [Rule.SILENT]:
            self._tell(f"rule.{Rule.SILENT} must be there, the only one that looks for the unheard")
        return silent.get(Rule.SILENT, UnheardRule(looks_for="unheard"))

    def inhibits(
        self, tables: Mapping[str, Any], rules: Mapping[str, RuleBase]
    ) -> dict[str, Inhibit]:
        """Every `[inhibit.…]`, its rule one that there is."""
        found = {
            name: inhibit
            for name, table in tables.items()
            if (inhibit := self.section(Inhibit, table, f"inhibit.{name}"))
        }
        for name, inhibit in found.items():
            if inhibit.where == "same_station" and inhibit.by not in rules:
                near = nearest(inhibit.by or "", rules)
                self._tell(f"inhibit.{name}.by must name a rule, not {inhibit.by!r}{near}")
        return found

    def limits(self, tables: Mapping[str, Any]) -> dict[str, QcLimits]:
        """The limits of quality control, with the changes of `[qc.…]`."""
        self.only_known(tables, RIVER, "qc.")
        found = dict(RIVER)
        for prop in tables.keys() & RIVER.keys():
            try:
                found[prop] = with_changes(RIVER[prop], tables[prop], f"qc.{prop}")
            except ValueError as error:
                self._tell(str(error))
        return found

    def _tell(self, *problems: str) -> None:
        self.problems += [f"{self._source}: {problem}" for problem in problems]
