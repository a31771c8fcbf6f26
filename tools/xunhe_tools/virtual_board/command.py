"""`xunhe virtual-board`: boards to try `xunhe buoy` on, behind ports like a real one's."""

from pathlib import Path
from typing import Annotated

import typer


def virtual_board(
    folder: Annotated[Path, typer.Argument(help="串口与闪存所在 / where port and flash are")],
    boards: Annotated[int, typer.Option(min=1, max=8, help="几块 / how many")] = 1,
    buses: Annotated[
        Path | None,
        typer.Option(
            help="自备探头等的终端，JSON / terminals of probes and more of your own, JSON"
        ),
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="多久后结束 / end after")] = None,
) -> None:
    """虚拟主板：真 MicroPython，接在串口上 / a virtual board: real MicroPython behind a port."""
    # It loads a Modbus server: other commands should start at once.
    from xunhe_tools.virtual_board.desk import keep_desk  # noqa: PLC0415

    keep_desk(folder, boards, buses, seconds)
