"""A desk with virtual boards on it, their probes, and a keyboard for the hand that moves them."""

import json
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import typer

from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.image import make_image
from xunhe_tools.virtual_board.processor import Hardware
from xunhe_tools.virtual_board.vessels import PROBES, VESSELS, Probes, VesselError

_FIRST_DEVICE = 0x02F00D000001


def keep_desk(folder: Path, boards: int, buses: Path | None, seconds: float | None) -> None:
    """Boards 1 to `boards` in `folder`, until Ctrl-C or for so many seconds.

    `buses`: a file with the terminals of the technician's own probes; without it each board has
    PROBES.
    """
    folder.mkdir(parents=True, exist_ok=True)
    image = folder / "micropython.bin"
    image.write_bytes(make_image())
    wires = None if buses is None else json.loads(buses.read_text("utf-8"))
    with ExitStack() as desk:
        hands = [_put_on(desk, folder, number, wires) for number in range(1, boards + 1)]
        typer.echo(f"镜像 image   {image}")
        if wires is None:
            named = " ".join(f"{model}@{address}" for model, address in PROBES)
            typer.echo(f"探头 probes  {named}")
            typer.echo(f"打字并回车，把它们放进 type and press Enter to put them into: {VESSELS}")
        typer.echo("另开一个终端 in another terminal：xunhe buoy list --port …；Ctrl-C 结束 ends")
        _wait([probes for probes in hands if probes is not None], seconds)


def _put_on(
    desk: ExitStack, folder: Path, number: int, wires: Mapping[str, object] | None
) -> Probes | None:
    """A board on the desk; the probes on its bus, unless the technician has wires of his own."""
    place, probes = folder / f"board{number}", None
    place.mkdir(exist_ok=True)
    if wires is None:
        probes = desk.enter_context(Probes(place))
        wires = {"serial": probes.port, "baud": 9600}
    hardware = Hardware(place, f"{_FIRST_DEVICE + number - 1:012x}", buses=wires)
    board = desk.enter_context(VirtualBoard(folder / f"board{number}.tty", hardware))
    typer.echo(f"串口 port    {board.port}    设备 device {hardware.device}")
    return probes


def _wait(hands: list[Probes], seconds: float | None) -> None:
    """At a keyboard, move the probes as it says; until Ctrl-C, or the time is up."""
    try:
        if seconds is None and hands and sys.stdin.isatty():
            for line in sys.stdin:
                _put_into(hands, line.strip())
        time.sleep(seconds if seconds is not None else 10 * 365 * 86400)
    except KeyboardInterrupt:
        typer.echo()


def _put_into(hands: list[Probes], word: str) -> None:
    try:
        for probes in hands:
            probes.put_into(word)
        typer.echo(f"探头在 / the probes are in: {word}")
    except VesselError as error:
        typer.echo(f"没有 / there is no {error}")
