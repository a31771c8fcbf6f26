"""`xunhe virtual-board`: boards to try `xunhe buoy` on, behind ports like a real one's."""

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.image import make_image
from xunhe_tools.virtual_board.processor import Hardware

_FIRST_DEVICE = 0x02F00D000001


def virtual_board(
    folder: Annotated[Path, typer.Argument(help="串口与闪存所在 / where port and flash are")],
    boards: Annotated[int, typer.Option(min=1, max=8, help="几块 / how many")] = 1,
    buses: Annotated[
        Path | None, typer.Option(help="探头等的终端，JSON / terminals of probes and more, JSON")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="多久后结束 / end after")] = None,
) -> None:
    """虚拟主板：真 MicroPython，接在串口上 / a virtual board: real MicroPython behind a port."""
    folder.mkdir(parents=True, exist_ok=True)
    image = folder / "micropython.bin"
    image.write_bytes(make_image())
    wires = {} if buses is None else json.loads(buses.read_text("utf-8"))
    with ExitStack() as desk:
        for i in range(boards):
            device = f"{_FIRST_DEVICE + i:012x}"
            hardware = Hardware(folder / f"board{i + 1}", device, buses=wires)
            board = desk.enter_context(VirtualBoard(folder / f"board{i + 1}.tty", hardware))
            typer.echo(f"串口 port    {board.port}    设备 device {device}")
        typer.echo(f"镜像 image   {image}")
        typer.echo("另开一个终端 in another terminal：xunhe buoy list --port …；Ctrl-C 结束 ends")
        _wait(seconds)


def _wait(seconds: float | None) -> None:
    try:
        time.sleep(seconds if seconds is not None else 10 * 365 * 86400)
    except KeyboardInterrupt:
        typer.echo()
