"""A buoy's own fault mutes its water alerts; silences hide what fits all their labels."""

from datetime import timedelta

import pytest

from tests.gateway.conftest import START, minutes, rules_with
from tests.gateway.views import judge
from xunhe.adapters.rules_file import shipped
from xunhe.alerts.engine import Decision
from xunhe.alerts.muting import Cause, Labels, Muted, Silence, silenced
from xunhe.domain.incident import Finding, Rule, Severity
from xunhe.domain.observation import GOOD, Sample

FOUND = Finding(
    Rule.AMMONIA_STEP, "YX-S1", "nh3n_mg_l", START, Severity.MAJOR, 3.1, 0.3, "氨氮突升", "step"
)
HOUR = timedelta(hours=1)


def bad_water(n: int, battery_v: float) -> list[Sample]:
    """Ammonia of 劣Ⅴ all the time, from a buoy with that battery."""
    values = {"ph": (7.5, GOOD), "nh3n_mg_l": (3.0, GOOD), "battery_v": (battery_v, GOOD)}
    return [Sample("YX-S1", START + minutes(2 * i), values) for i in range(n)]


def of_water(decisions: list[Decision]) -> list[Decision]:
    rules = [d.finding.rule if isinstance(d, Muted) else d.rule for d in decisions]
    return [d for d, rule in zip(decisions, rules, strict=True) if rule == Rule.CLASS]


@pytest.mark.parametrize(("battery_v", "is_muted"), [(2.96, False), (2.95, False), (2.94, True)])
def test_a_low_battery_mutes_what_its_buoy_says_of_the_water(
    battery_v: float, is_muted: bool
) -> None:
    (decision,) = of_water(judge(shipped(), bad_water(3, battery_v)))
    assert isinstance(decision, Muted) is is_muted


def test_a_muted_finding_carries_both_reasons_and_what_muted_it() -> None:
    muted = of_water(judge(shipped(), bad_water(3, 2.9)))[0]
    assert isinstance(muted, Muted)
    assert (muted.cause, muted.by) == (Cause.INHIBITED, "low_battery")
    assert "劣Ⅴ" in muted.finding.reason_zh
    assert "电池电压低于" in muted.reason.zh
    assert "battery voltage below" in muted.reason.en


def test_water_that_is_still_bad_alarms_when_the_fault_is_over() -> None:
    samples = bad_water(4, 2.9)
    samples += [Sample(s.station, s.time + minutes(8), s.values) for s in bad_water(4, 3.9)]
    decisions = of_water(judge(shipped(), samples))
    assert [type(d) for d in decisions] == [*[Muted] * 4, Finding]
    raised = decisions[-1]
    assert isinstance(raised, Finding)
    assert raised.at == START + minutes(12), "with the third good sample of the battery"


def test_a_failed_probe_mutes_its_own_indicator_only() -> None:
    """The battery's rule aside, ammonia is judged while the pH probe is dead."""
    dead = [
        Sample(s.station, s.time, {**s.values, "ph": (None, 9)} if i > 2 else s.values)
        for i, s in enumerate(bad_water(30, 3.9))
    ]
    raised = [d for d in judge(shipped(), dead) if isinstance(d, Finding)]
    assert [f.rule for f in raised] == [Rule.CLASS]


def test_without_the_inhibition_nothing_is_muted() -> None:
    book = rules_with({}, inhibit={"low_battery": {"mutes": []}})
    (decision,) = of_water(judge(book, bad_water(3, 2.9)))
    assert isinstance(decision, Finding)


@pytest.mark.parametrize(
    ("labels", "fits"),
    [
        (Labels(station="YX-S1"), True),
        (Labels(station="YX-S2"), False),
        (Labels(reach="YX-1"), True),
        (Labels(reach="YX-2"), False),
        (Labels(rule="ammonia_step"), True),
        (Labels(rule="oxygen_fall"), False),
        (Labels(kind="discharge"), True),
        (Labels(kind="dumping"), False),
        (Labels(zone="水面"), False),
        (Labels(station="YX-S1", rule="ammonia_step"), True),
        (Labels(station="YX-S1", rule="oxygen_fall"), False),  # all must fit
    ],
)
def test_a_silence_hides_what_bears_all_its_labels(labels: Labels, fits: bool) -> None:
    silence = Silence(7, labels, START, START + HOUR, "站长", "清淤施工")
    assert (silenced(FOUND, "YX-1", START, [silence]) is not None) is fits


@pytest.mark.parametrize(
    ("after", "holds"),
    [(timedelta(microseconds=-1), False), (timedelta(0), True), (HOUR, False)],
)
def test_a_silence_holds_from_its_beginning_until_just_before_its_end(
    after: timedelta, holds: bool
) -> None:
    silence = Silence(7, Labels(station="YX-S1"), START, START + HOUR, "站长", "清淤施工")
    muted = silenced(FOUND, "YX-1", START + after, [silence])
    assert (muted is not None) is holds
    if muted is not None:
        assert (muted.by, muted.cause) == ("7", Cause.SILENCED)
        assert "站长" in muted.reason.zh
        assert "清淤施工" in muted.reason.zh
