"""Someone at the bank, and what lies there afterwards: a candidate, or nothing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase
from xunhe.domain.zones import BankZone
from xunhe.settings import VisionSettings
from xunhe.vision.dumping import DumpingChange, DumpingWatch, Thing
from xunhe.vision.geometry import Box
from xunhe.vision.view import View

Image = NDArray[np.uint8]
WIDTH, HEIGHT = 480, 270
BANK = BankZone("左岸", ((0.0, 0.3), (1.0, 0.3), (1.0, 0.6), (0.0, 0.6)))  # below it the river
HEAP = (230, 140, 254, 156)
EVERY_S = 0.5
Draw = Callable[[Image, float], Box | None]


def _ground() -> Image:
    rng = np.random.default_rng(8)
    grass = cv2.GaussianBlur(rng.normal(0, 55, (HEIGHT, WIDTH)), (0, 0), 1.2)
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    picture[:] = (70, 120, 100)
    picture[170:] = (90, 100, 95)
    return np.clip(picture + grass[..., None], 0, 255).astype(np.uint8)


GROUND = _ground()


def boxed(x0: float, y0: float, x1: float, y1: float) -> Box:
    return (x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT)


def walker(start_s: float, end_s: float, speed: float = 40.0, foot_y: int = 155) -> Draw:
    """A person of 14 by 40 pixels who walks from the left at a bank's middle height."""

    def draw(picture: Image, time_s: float) -> Box | None:
        if not start_s <= time_s <= end_s:
            return None
        x = 60 + round(speed * (time_s - start_s))
        cv2.rectangle(picture, (x, foot_y - 40), (x + 14, foot_y), (150, 60, 50), -1)
        return boxed(x, foot_y - 40, x + 14, foot_y)

    return draw


def heap(since_s: float, told_s: float = 10.0) -> Draw:
    """White bags on the grass; the gate tells of them for a while, as it does of anything new."""

    def draw(picture: Image, time_s: float) -> Box | None:
        if time_s < since_s:
            return None
        x0, y0, x1, y1 = HEAP
        cv2.rectangle(picture, (x0, y0), (x1, y1), (225, 225, 220), -1)
        cv2.rectangle(picture, (x0 + 8, y0 + 3), (x0 + 14, y1), (60, 60, 60), -1)
        return boxed(*HEAP) if time_s < since_s + told_s else None

    return draw


def shadow(since_s: float) -> Draw:
    """A shadow falls across the bank and stays."""

    def draw(picture: Image, time_s: float) -> Box | None:
        if time_s < since_s:
            return None
        picture[100:165, 200:290] = (picture[100:165, 200:290] * 0.6).astype(np.uint8)
        return boxed(200, 100, 290, 165) if time_s < since_s + 3 else None

    return draw


def car(start_s: float) -> Draw:
    """Drives on to the bank and parks there."""

    def draw(picture: Image, time_s: float) -> Box | None:
        if time_s < start_s:
            return None
        x = min(40 + round(30 * (time_s - start_s)), 220)
        cv2.rectangle(picture, (x, 120), (x + 60, 155), (200, 40, 40), -1)
        return boxed(x, 120, x + 60, 155) if time_s < start_s + 15 else None

    return draw


@dataclass
class Bench:
    """A bank that is watched twice a second."""

    watch: DumpingWatch = field(default_factory=lambda: DumpingWatch([BANK], VisionSettings()))
    time_s: float = 0.0
    light: float = 1.0
    pictures: int = 0

    def play(
        self, until_s: float, *acts: Draw, things: Callable[[float], Iterable[Thing]] | None = None
    ) -> list[DumpingChange]:
        told = []
        while self.time_s < until_s:
            picture = GROUND.copy()
            boxes = [box for act in acts if (box := act(picture, self.time_s)) is not None]
            shown = np.clip(picture * self.light, 0, 255).astype(np.uint8)
            floats = list(things(self.time_s)) if things else []
            told += self.watch.see(self._view(shown), boxes, floats)
            self.time_s += EVERY_S
        return told

    def _view(self, picture: Image) -> View:
        def full() -> Image:
            self.pictures += 1
            return picture

        luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        return View(self.time_s, np.asarray(luma, np.uint8), full, is_key=True)


def test_a_heap_that_someone_leaves_is_one_candidate_for_a_person_to_name() -> None:
    opened, ended = Bench().play(200, heap(24), walker(20, 28))
    assert (opened.phase, opened.bank, opened.severity) == (Phase.OPENED, "左岸", Severity.MINOR)
    assert 20 <= opened.started_s <= 21
    assert opened.at_s <= 28 + 10
    assert "待人辨认" in opened.reason_zh
    assert "a person has to name it" in opened.reason_en
    x, y = (opened.box[0] + opened.box[2]) / 2, (opened.box[1] + opened.box[3]) / 2
    assert boxed(*HEAP)[0] < x < boxed(*HEAP)[2]
    assert boxed(*HEAP)[1] < y < boxed(*HEAP)[3]
    assert (ended.phase, ended.started_s) == (Phase.ENDED, opened.started_s)


def duck(start_s: float, end_s: float) -> Draw:
    """Six by four pixels on the bank."""

    def draw(picture: Image, time_s: float) -> Box | None:
        if not start_s <= time_s <= end_s:
            return None
        x = 200 + round(4 * (time_s - start_s))
        cv2.rectangle(picture, (x, 150), (x + 6, 154), (40, 60, 60), -1)
        return boxed(x, 150, x + 6, 154)

    return draw


@pytest.mark.parametrize("acts", [
    pytest.param((walker(20, 28),), id="a passer-by"),
    pytest.param((walker(20, 28, foot_y=200),), id="a boat along the river"),
    pytest.param((duck(20, 60),), id="a duck"),
    pytest.param((heap(24),), id="a heap that nobody brought, seen at once"),
    pytest.param((shadow(22),), id="a shadow"),
    pytest.param((walker(20, 28), shadow(24)), id="a passer-by and a shadow"),
    pytest.param((car(20),), id="a car that parks"),
    pytest.param((), id="nothing"),
])  # fmt: skip
def test_no_candidate(acts: tuple[Draw, ...]) -> None:
    assert Bench().play(120, *acts) == []


def test_what_lay_there_before_is_no_candidate() -> None:
    assert Bench().play(120, heap(-100), walker(20, 28)) == []


def test_a_change_of_light_during_a_visit_is_no_heap() -> None:
    bench = Bench()
    told = bench.play(24, walker(20, 28))
    bench.light = 1.6
    assert told + bench.play(120, walker(20, 28)) == []


def test_something_new_that_floats_beside_the_visitors_is_a_candidate() -> None:
    def things(time_s: float) -> list[Thing]:
        old = [Thing(1, boxed(100, 180, 108, 186))]
        return [*old, Thing(7, boxed(230, 175, 240, 182))] if time_s >= 26 else old

    told = Bench().play(60, walker(20, 28), things=things)
    assert [change.phase for change in told] == [Phase.OPENED]
    assert "漂浮物" in told[0].reason_zh


def test_what_drifts_past_from_afar_or_without_a_visit_is_none() -> None:
    def drifting(time_s: float) -> list[Thing]:
        x = 440 - 8 * (time_s - 22)
        return [Thing(3, boxed(x, 230, x + 10, 238))] if time_s >= 22 else []

    assert Bench().play(80, walker(20, 28, speed=20), things=drifting) == []
    assert Bench().play(80, things=lambda _: [Thing(4, boxed(200, 180, 210, 186))]) == []


def test_a_second_heap_soon_after_grows_the_same_candidate() -> None:
    def second(picture: Image, time_s: float) -> Box | None:
        if time_s < 54:
            return None
        cv2.rectangle(picture, (150, 140), (180, 156), (40, 40, 200), -1)
        return boxed(150, 140, 180, 156) if time_s < 60 else None

    told = Bench().play(90, heap(24), second, walker(20, 28), walker(51, 58))
    assert [change.phase for change in told] == [Phase.OPENED, Phase.GREW]
    assert told[0].started_s == told[1].started_s


def test_a_restart_ends_the_same_candidate_and_opens_no_second() -> None:
    before = Bench()
    (opened,) = before.play(45, heap(24), walker(20, 28))
    memory = json.loads(json.dumps(before.watch.memory()))
    after = Bench(DumpingWatch([BANK], VisionSettings(), memory), time_s=50.0)
    (ended,) = after.play(200, heap(24))
    assert (ended.phase, ended.started_s) == (Phase.ENDED, opened.started_s)


def test_by_night_it_says_nothing_and_asks_for_no_picture() -> None:
    bench = Bench(light=0.1)
    assert bench.play(60, heap(24), walker(20, 28)) == []
    assert bench.pictures == 0


def test_a_quiet_bank_asks_for_a_picture_every_five_seconds_only() -> None:
    bench = Bench()
    bench.play(60)
    assert bench.pictures <= 13
    assert not bench.watch.wants_every_frame(bench.time_s)


def test_the_full_rate_is_asked_for_while_someone_is_there() -> None:
    bench = Bench()
    bench.play(24, walker(20, 28))
    assert bench.watch.wants_every_frame(bench.time_s)
    bench.play(40, walker(20, 28))
    assert not bench.watch.wants_every_frame(bench.time_s)


def test_a_clock_that_jumps_back_makes_no_candidate() -> None:
    bench = Bench()
    bench.play(30, heap(24), walker(20, 28))
    bench.time_s = 3.0
    assert bench.play(20, heap(0)) == []
