"""`xunhe bench upstream` measures what it says, on a small scale."""

from xunhe_tools.bench.upstream.decoding import frames_per_s, live_beside
from xunhe_tools.bench.upstream.outage import outage


def test_decoding_is_counted_down_to_the_numbers() -> None:
    assert frames_per_s(50) > 0


def test_live_frames_are_answered_beside_a_backlog() -> None:
    delays_ms, rate = live_beside(0.3)
    assert delays_ms
    assert rate > 0


def test_an_outage_is_made_good_once_and_in_order_over_a_narrow_line() -> None:
    figures = outage(seed=1, samples=60, hurry=10.0)
    names = ("outage_missing", "outage_duplicates", "outage_out_of_order")
    assert [figures[name] for name in names] == [0, 0, 0]
    assert figures["outage_samples"] == 60
    assert figures["outage_aggregates"] >= 5
