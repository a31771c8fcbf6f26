"""The cable pulled at byte N, for many N: the tool says how to go on, and the buoy runs."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tools.buoy.conftest import KNOCKS_S, Bench
from tests.tools.buoy.test_flash import flash, newer, running
from tests.tools.buoy.test_virtual_board import wait_until
from xunhe_tools.buoy import images
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import BuoyError, CableError
from xunhe_tools.buoy.flashing import Plan
from xunhe_tools.buoy.installing import Release
from xunhe_tools.buoy.looking import Kind, look
from xunhe_tools.buoy.port import Port
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.image import make_image
from xunhe_tools.virtual_board.usb_line import Cut

WHOLE = 215_000  # more bytes than a flash of a running buoy takes
OF_AN_IMAGE = 60_000  # and more than writing an image takes


@pytest.fixture
def plan(release: Release, tmp_path: Path) -> Plan:
    return Plan(newer(release), tmp_path / "saved")


def is_cut_short(board: VirtualBoard, plan: Plan, after: int, cut: Cut) -> bool:
    """Flash with the cable pulled at that byte; what was said has to help."""
    error = None
    board.cut_after(after, cut)
    try:
        flash(board, plan)
    except BuoyError as found:
        error = found
    board.cut_after(None)
    board.plug_in()
    assert error is None or (error.happened and error.next_step)
    return error is not None


def pull_and_go_on(board: VirtualBoard, plan: Plan, after: int, cut: Cut) -> None:
    """Pulled, the buoy runs the old or the new version; flashed again, the new one."""
    is_cut_short(board, plan, after, cut)
    board.power_cycle()
    assert running(board)["slot"] in ("a", "b")
    flash(board, plan)
    now = running(board)
    assert (now["newest"], now["on_trial"]) == (8, False)


@pytest.mark.parametrize(
    ("after", "cut"),
    [(20_000, Cut.LINE), (190_000, Cut.POWER)],
)
def test_a_buoy_runs_though_the_cable_is_pulled_from_a_flash(
    buoy: VirtualBoard, plan: Plan, after: int, cut: Cut
) -> None:
    pull_and_go_on(buoy, plan, after, cut)


@pytest.mark.slow
@pytest.mark.parametrize("cut", list(Cut))
@pytest.mark.parametrize("part", range(30))
def test_a_buoy_runs_wherever_the_cable_is_pulled_from_a_flash(
    buoy: VirtualBoard, plan: Plan, part: int, cut: Cut
) -> None:
    after = part * WHOLE // 30 + random.Random(part).randrange(WHOLE // 30)
    pull_and_go_on(buoy, plan, after, cut)


def image_plan(plan: Plan, folder: Path) -> Plan:
    file = folder / "micropython.bin"
    file.write_bytes(make_image())
    images.add(file)
    return replace(plan, image=images.trusted(file), image_bytes=file.read_bytes())


@pytest.mark.parametrize("after", [9_000])
def test_a_bare_board_is_flashed_in_a_second_try(
    bench: Bench, plan: Plan, tmp_path: Path, technicians_home: Path, after: int
) -> None:
    board, wanted = bench(image=False), image_plan(plan, tmp_path)
    assert is_cut_short(board, wanted, after, Cut.POWER)
    flash(board, wanted)
    assert look(Port(str(board.port))).kind is Kind.FLASHED


@pytest.mark.slow
@pytest.mark.parametrize("part", range(15))
def test_a_bare_board_is_flashed_in_a_second_try_wherever_the_first_ended(
    bench: Bench, plan: Plan, tmp_path: Path, technicians_home: Path, part: int
) -> None:
    board, wanted = bench(image=False), image_plan(plan, tmp_path)
    is_cut_short(board, wanted, part * OF_AN_IMAGE // 15 + 7, Cut.POWER)
    flash(board, wanted)
    assert look(Port(str(board.port))).kind is Kind.FLASHED


def test_a_buoy_whose_cable_was_pulled_runs_again_by_itself(buoy: VirtualBoard) -> None:
    with Repl(str(buoy.port), guard_s=1, entry_s=KNOCKS_S) as repl:
        buoy.cut_after(500)
        with pytest.raises(CableError):
            repl.write("/half", bytes(5000))
    starts = buoy.starts
    wait_until(lambda: buoy.starts > starts, "the watchdog bites")
    buoy.plug_in()
    assert running(buoy)["slot"] == "a"


def test_the_console_says_that_the_cable_is_gone(buoy: VirtualBoard) -> None:
    with Console(str(buoy.port)) as console:
        console.ask({"do": "update"}, 20)
        buoy.pull()
        with pytest.raises(CableError, match="is gone"):
            console.ask({"do": "update"})
