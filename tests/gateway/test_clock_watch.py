"""A clock that is set while the gateway runs is noticed, and believed when it stays."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.gateway.conftest import START, StandingClock
from xunhe.domain.clock_watch import BELIEVED, NOTICED, ClockWatch

SECOND = timedelta(seconds=1)
TEN_YEARS = timedelta(days=3652)


@dataclass
class Machine:
    """Its wall clock, and how long it has been running."""

    wall: StandingClock = field(default_factory=StandingClock)
    up_s: float = 1000.0

    def run(self, span: timedelta) -> None:
        self.up_s += span.total_seconds()
        self.wall.at += span


@pytest.fixture
def machine() -> Machine:
    return Machine(StandingClock(START))


@pytest.fixture
def watch(machine: Machine) -> ClockWatch:
    return ClockWatch(machine.wall, lambda: machine.up_s)


def test_time_that_passes_is_no_jump(machine: Machine, watch: ClockWatch) -> None:
    for _ in range(3):
        machine.run(timedelta(days=400))
        assert watch.jump() == timedelta(0)


@pytest.mark.parametrize("direction", [1, -1])
def test_a_step_is_a_jump_from_beyond_ten_minutes_on(
    machine: Machine, watch: ClockWatch, direction: int
) -> None:
    machine.wall.at += direction * NOTICED
    assert watch.jump() == timedelta(0)
    step = direction * (NOTICED + SECOND)
    machine.wall.at += step
    assert watch.jump() == step


def test_a_clock_that_is_corrected_bit_by_bit_never_jumps(
    machine: Machine, watch: ClockWatch
) -> None:
    for _ in range(200):
        machine.wall.at += timedelta(minutes=9)
        assert watch.jump() == timedelta(0)


@pytest.mark.parametrize("jump", [TEN_YEARS, -TEN_YEARS])
def test_a_clock_that_comes_back_is_right_again(
    machine: Machine, watch: ClockWatch, jump: timedelta
) -> None:
    machine.wall.at += jump
    machine.run(timedelta(hours=5))
    assert watch.jump() == jump
    machine.wall.at -= jump
    assert watch.jump() == timedelta(0)


def test_a_clock_is_believed_when_it_has_stayed_for_a_day(
    machine: Machine, watch: ClockWatch
) -> None:
    machine.wall.at += TEN_YEARS
    assert watch.jump() == TEN_YEARS
    machine.run(BELIEVED - SECOND)
    assert watch.jump() == TEN_YEARS
    machine.run(SECOND)
    assert watch.jump() == timedelta(0)


def test_a_second_jump_begins_the_day_anew(machine: Machine, watch: ClockWatch) -> None:
    machine.wall.at += TEN_YEARS
    assert watch.jump() == TEN_YEARS
    machine.run(BELIEVED - SECOND)
    machine.wall.at += TEN_YEARS
    assert watch.jump() == 2 * TEN_YEARS
    machine.run(SECOND)
    assert watch.jump() == 2 * TEN_YEARS
