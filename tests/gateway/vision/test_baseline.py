import json

import numpy as np

from xunhe.vision.baseline import Baseline, Colours

CELLS = np.tile([50.0, 2.0, 14.0], (36, 1))
WATER = np.array([48.0, 1.0, 12.0])
ALL = np.ones(36, np.bool_)
EIGHT_S, NINE_S = 0.0, 3600.0  # 08:00 and 09:00 of a recording that begins at 0 Unix seconds


def seen(cells: object = CELLS, reference: object = WATER) -> Colours:
    return Colours(np.asarray(cells, np.float64), ALL, np.asarray(reference, np.float64))


def learnt(colours: Colours, start_s: float = EIGHT_S, seconds: int = 60) -> Baseline:
    baseline = Baseline()
    for second in range(seconds):
        baseline.learn(colours, {"foaming": 0.1}, start_s + second)
    return baseline


def dyed(cells: int, by: tuple[float, float, float] = (0.0, 20.0, 0.0)) -> Colours:
    changed = CELLS.copy()
    changed[:cells] += by
    return seen(changed)


def test_nothing_is_said_before_half_a_minute_was_seen() -> None:
    assert Baseline().shift(seen(), EIGHT_S) is None
    assert learnt(seen(), seconds=20).shift(seen(), 20) is None
    assert learnt(seen(), seconds=40).shift(seen(), 40) is not None


def test_a_few_slow_looks_are_not_enough() -> None:
    baseline = Baseline()
    for look in range(7):
        baseline.learn(seen(), {}, look * 10.0)
    assert baseline.shift(seen(), 70.0) is None


def test_the_share_of_cells_of_another_hue_is_told() -> None:
    shift = learnt(seen()).shift(dyed(9), 60.0)
    assert shift is not None
    assert (shift.dyed, shift.shaded) == (0.25, 0.0)


def test_white_water_is_no_colour_and_black_water_is_only_shade() -> None:
    baseline = learnt(seen())
    white = baseline.shift(dyed(9, (30.0, -2.0, -13.0)), 60.0)
    black = baseline.shift(dyed(9, (-30.0, 0.0, -3.0)), 60.0)
    assert white is not None
    assert black is not None
    assert white.dyed == 0
    assert (black.dyed, black.shaded) == (0, 0.25)


def test_a_river_that_turns_brown_everywhere_is_no_coloured_discharge() -> None:
    brown = np.array([-5.0, 8.0, 12.0])
    shift = learnt(seen()).shift(seen(CELLS + brown, WATER + brown), 60.0)
    assert shift is not None
    assert (shift.dyed, shift.shaded) == (0, 0)


def test_a_wall_in_the_zone_may_stay_as_it_was_while_the_river_turns_brown() -> None:
    shift = learnt(seen()).shift(seen(CELLS, WATER + np.array([-5.0, 8.0, 12.0])), 60.0)
    assert shift is not None
    assert (shift.dyed, shift.shaded) == (0, 0)


def test_what_is_usual_at_this_hour_is_usual_though_it_was_not_so_of_late() -> None:
    evening = dyed(18)
    baseline = learnt(evening, EIGHT_S, 60)
    for second in range(3000):
        baseline.learn(seen(), {}, NINE_S + second)
    next_day_s = EIGHT_S + 86_400
    at_eight, at_nine = (baseline.shift(evening, next_day_s + s) for s in (0, 3600))
    assert at_eight is not None
    assert at_nine is not None
    assert at_eight.dyed == 0
    assert at_nine.dyed == 0.5


def test_learning_is_slow() -> None:
    baseline = learnt(seen(), seconds=1200)
    for second in range(60):
        baseline.learn(dyed(18), {}, 1200.0 + second)
    shift = baseline.shift(dyed(18), 1260.0)
    assert shift is not None
    assert shift.dyed == 0.5


def test_grey_pictures_of_the_night_teach_and_tell_no_colour() -> None:
    grey = seen(np.tile([40.0, 0.0, 0.0], (36, 1)), [40.0, 0.0, 0.0])
    baseline = learnt(seen())
    for second in range(600):
        baseline.learn(grey, {}, 60.0 + second)
    assert baseline.shift(grey, 700.0) is None
    shift = baseline.shift(seen(), 700.0)
    assert shift is not None
    assert shift.dyed == 0


def test_a_restart_loses_nothing_of_the_past() -> None:
    baseline = learnt(seen())
    again = Baseline.from_json(json.loads(json.dumps(baseline.to_json())))
    assert again.shift(dyed(9), 60.0) == baseline.shift(dyed(9), 60.0)
    assert again.usual == baseline.usual
    assert again.is_known


def test_a_past_of_a_whole_day_stays_small() -> None:
    baseline = Baseline()
    for minute in range(24 * 60):
        baseline.learn(seen(), {}, minute * 60.0)
    assert len(json.dumps(baseline.to_json())) < 40_000
