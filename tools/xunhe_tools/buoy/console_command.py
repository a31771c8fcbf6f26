"""`xunhe buoy console`: the raw line, what is typed goes out and what comes is shown."""

import select
import sys
import time
from typing import Annotated

import typer

from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.port import chosen
from xunhe_tools.buoy.screen import PortOption, Screen, outcome

_TURN_S = 0.1


def console(
    port: PortOption = None,
    send: Annotated[
        list[str] | None,
        typer.Option(help="发送后等回答，可重复 / send, wait for the reply; may repeat"),
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="等待秒数 / seconds to wait")] = 3.0,
) -> None:
    """直接与浮标对话，Ctrl-C 结束 / talk to the buoy directly, Ctrl-C ends."""
    screen = Screen()
    with outcome(screen), Console(chosen(port)) as line:
        for text in send or ():
            line.send(text)
            _show(line, wait)
        if not send:
            _talk(screen, line)


def _talk(screen: Screen, line: Console) -> None:
    screen.say(
        '每行一条 JSON，如 {"do": "read"}；Ctrl-C 结束', "one JSON object a line; Ctrl-C ends"
    )
    try:
        while True:
            _show(line, _TURN_S)
            if select.select([sys.stdin], [], [], 0)[0]:
                typed = sys.stdin.readline()
                if not typed:
                    return
                line.send(typed.rstrip("\n"))
    except KeyboardInterrupt:
        typer.echo()


def _show(line: Console, wait_s: float) -> None:
    """Until a reply or the time is up."""
    deadline_s = time.monotonic() + wait_s
    while (said := line.line(deadline_s - time.monotonic())) is not None:
        typer.echo(said)
        if said.startswith("{"):
            return
