"""`xunhe bench desk` in small: everything is asked for through the running console."""

from xunhe_tools.bench.desk.measure import measure


def test_a_small_year_gives_every_figure_and_the_judges_reds() -> None:
    said: list[str] = []
    figures = measure(40, 2, said.append, weeks=1)
    assert figures["tickets"] == 40
    assert figures["chiefs"] == 300
    assert figures["same_result"]
    assert figures["reds_as_judged"]
    for name in ("list_ms", "board_ms", "report_ms", "recompute_s"):
        assert figures[name] > 0
