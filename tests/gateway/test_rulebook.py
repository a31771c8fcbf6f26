"""Rules as data: what is wrong is named with the nearest right name, all of it at once."""

import re
from pathlib import Path

import pytest

from tests.gateway.conftest import rules_with
from xunhe.adapters.rules_file import load, shipped, shipped_tables
from xunhe.alerts.explain import explained
from xunhe.alerts.rulebook import rulebook
from xunhe.alerts.rules.early_warning import WarningRule
from xunhe.alerts.rules.step import StepRule
from xunhe.domain.incident import Rule
from xunhe.settings import SettingsError

MANUAL = Path(__file__).parents[2] / "docs/rules.md"


def of(tmp_path: Path, text: str) -> str:
    """What is wrong with a rule file."""
    path = tmp_path / "site.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        load(path)
    return str(raised.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[rule.ammonia_step]\nlesat = 1",
            "unknown key rule.ammonia_step.lesat; did you mean",
        ),
        ("[rul.x]\nleast = 1", "unknown key rul; did you mean rule?"),
        ("[grouping]\nquiet = 1", "unknown key grouping.quiet; did you mean quiet_s?"),
        ("[rule.ammonia_step]\nleast = -1", "rule.ammonia_step.least"),
        ("[rule.new]\nleast = 1", "rule.new.looks_for must be one of class, step"),
        ("[rule.new]\nlooks_for = 'steps'", "did you mean step?"),
        ("[inhibit.new]\nby = 'low_batery'\nmutes = ['discharge']", "did you mean low_battery?"),
        ("[inhibit.low_battery]\nmutes = ['discharges']", "inhibit.low_battery.mutes"),
        ("rule = 3", "rule must be a table"),
        ("[rule]\nx = 3", "rule.x must be a table"),
        ("[qc.do_mgl]\nspike = false", "unknown key qc.do_mgl; did you mean do_mg_l?"),
        ("[qc.do_mg_l.spik]\nfail = 1", "unknown key qc.do_mg_l.spik; did you mean spike?"),
        ("[qc.do_mg_l.spike]\nfail = 'x'", "qc.do_mg_l.spike.fail: 'x' is no number"),
        ("[rule.early_warning.detector]\nalarm = 3", "did you mean alarm_score?"),
        ("[rule.low_battery]\nabove = 5", "give above or below, one of the two"),
        ("[rule.low_battery]\nclear_at = 2.9", "clear_at 2.9 is on the wrong side of the limit"),
        ("[rule.silent_station]\nlooks_for = 'step'", "rule.silent_station must be there"),
        ("[rule", "site.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    assert message in of(tmp_path, text)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = "[rule.ammonia_step]\nlesat = 1\n[grouping]\nquiet = 1\n[ticket]\nhour = 2"
    assert len(of(tmp_path, text).splitlines()) == 3


def test_a_file_holds_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text("[rule.ammonia_step]\nleast = 0.5\n[rule.oxygen_fall]\nenabled = false\n")
    book, before = load(path), shipped()
    changed = book.rules[Rule.AMMONIA_STEP]
    assert isinstance(changed, StepRule)
    assert (changed.least, changed.least_fraction) == (0.5, 0.6)
    assert not book.rules[Rule.OXYGEN_FALL].enabled
    same = set(before.rules) - {Rule.AMMONIA_STEP, Rule.OXYGEN_FALL}
    assert all(book.rules[name] == before.rules[name] for name in same)


def test_limits_of_quality_control_are_changed_one_by_one_and_taken_away() -> None:
    changes = {"do_mg_l": {"flat_line": {"suspect_s": 7200}, "gross": {"suspect": [1, 15]}}}
    book, before = rules_with({}, qc={**changes, "ph": {"spike": False}}), shipped()
    flat = book.limits["do_mg_l"].flat_line
    known = before.limits["do_mg_l"].flat_line
    assert flat is not None
    assert known is not None
    assert (flat.suspect_s, flat.fail_s) == (7200, known.fail_s)
    assert book.limits["do_mg_l"].gross.suspect is not None
    assert book.limits["ph"].spike is None
    assert book.limits["nh3n_mg_l"] == before.limits["nh3n_mg_l"]


def test_the_detector_of_early_warning_takes_other_numbers() -> None:
    rule = rules_with({"early_warning": {"detector": {"alarm_score": 5}}}).rules["early_warning"]
    assert isinstance(rule, WarningRule)
    assert rule.settings().alarm_score == 5


def test_every_shipped_rule_is_explained_in_both_languages() -> None:
    told = dict(explained(shipped()))
    assert set(told) >= set(shipped().rules)
    for words in told.values():
        assert re.search(r"[一-鿿]", words.zh)
        assert re.search(r"[a-z]{3}", words.en)


def test_an_explanation_follows_the_numbers() -> None:
    book = rules_with({"ammonia_step": {"least": 0.77, "hold_s": 1800, "stations": ["YX-S2"]}})
    words = dict(explained(book))[Rule.AMMONIA_STEP]
    assert "0.77 mg/L" in words.zh
    assert "30 分钟" in words.zh
    assert "YX-S2" in words.en


def test_every_key_of_the_rules_stands_in_the_manual() -> None:
    text = MANUAL.read_text("utf-8")
    book = rulebook(shipped_tables(), "rules.toml")
    keys = {key for rule in book.rules.values() for key in type(rule).model_fields}
    keys |= {key for each in book.inhibits.values() for key in type(each).model_fields}
    keys |= set(type(book.grouping).model_fields) | set(type(book.ticket).model_fields)
    missing = {key for key in keys if f"`{key}`" not in text}
    assert not missing, f"docs/rules.md does not mention {sorted(missing)}"
