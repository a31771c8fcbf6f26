"""The bench of the technician's tools: what it counts as slow, silent, dead or stuck."""

import json

from xunhe_tools.bench.tools.desk import said
from xunhe_tools.bench.tools.measure import Pull, figures
from xunhe_tools.virtual_board.usb_line import Cut

GOOD = Pull("flash", 100, Cut.LINE, 1.5, has_next_step=True, runs=True)


def test_the_slowest_end_is_told_of_all_and_of_each_command() -> None:
    other = Pull("logs", 7, Cut.POWER, 6.25, has_next_step=True, runs=True)
    found = figures([GOOD, other])
    assert found["slowest_s"] == 6.25
    assert found["slowest_s_by_command"] == {"flash": 1.5, "logs": 6.25}
    assert (found["pulls"], found["without_next_step"], found["dead_buoys"]) == (2, 0, 0)


def test_a_pull_that_came_too_late_is_no_measurement() -> None:
    late = Pull("flash", 999, Cut.LINE, None, has_next_step=True, runs=True)
    found = figures([late])
    assert (found["pulls"], found["too_late"], found["slowest_s"]) == (0, 1, None)


def test_what_went_wrong_is_counted() -> None:
    bad = Pull("flash", 5, Cut.LINE, 2.0, has_next_step=False, runs=False, stuck="no")
    found = figures([GOOD, bad])
    assert [found[key] for key in ("without_next_step", "dead_buoys", "not_gone_on")] == [1, 1, 1]


def test_a_command_tells_a_script_by_its_last_line() -> None:
    assert said(b"progress\n" + json.dumps({"ok": True}).encode()) == {"ok": True}
    assert said(b"") == said(b"Traceback\n") == said(b"3\n") == {}
