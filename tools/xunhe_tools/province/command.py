"""`xunhe province`."""

import json
import shutil
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import sqlalchemy as sa
import typer
from rich.console import Console

from xunhe.cli import fail
from xunhe_tools.demo.chain import ends_after, kill_times
from xunhe_tools.private_postgres import ServerError
from xunhe_tools.province.chain import Province, ProvinceError
from xunhe_tools.province.land import Land
from xunhe_tools.province.ledger import Standing
from xunhe_tools.province.nodes import NodesError
from xunhe_tools.province.plan import Plan
from xunhe_tools.province.screen import pulse, welcome

_PULSE_S = 5.0


def province(
    seconds: Annotated[
        float | None, typer.Option(min=10, help="运行秒数，默认直到 Ctrl-C / seconds to run")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="工作进程数 / desk workers")] = 2,
    gateways: Annotated[int, typer.Option(min=1, max=999, help="网关数 / gateways")] = 4,
    buoys: Annotated[int, typer.Option(min=1, max=100, help="每个网关的浮标 / buoys each")] = 10,
    every: Annotated[
        float, typer.Option(min=0.5, help="每个浮标的采样间隔，秒 / seconds between readings")
    ] = 3.0,
    kill: Annotated[
        int, typer.Option(min=0, help="途中强杀次数，轮流 / times to kill something, in turn")
    ] = 0,
    seed: Annotated[int, typer.Option(help="随机种子 / random seed")] = 1,
    directory: Annotated[
        Path | None, typer.Option(help="保留数据与日志的空目录 / empty folder that is kept")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="结束时只输出 JSON / print only JSON, at the end")
    ] = False,
) -> None:
    """在本机运行一个省：三个节点、数据库、工作进程、虚拟网关 / a whole province on this machine."""
    if kill and seconds is None:
        fail("--kill needs --seconds: the kills are spread over the run")
    if directory is not None and directory.exists() and any(directory.iterdir()):
        fail(f"{directory} is not empty: name a new folder, so that no earlier run is lost")
    folder = (directory or Path(tempfile.mkdtemp(prefix="xunhe-province-"))).resolve()
    console = Console(stderr=as_json, highlight=False)
    signal.signal(signal.SIGTERM, _terminated)
    whole = Province(Plan(folder, Land(gateways, buoys)), workers, seed, every)
    try:
        standing = _run(whole, console, seconds, kill)
    except (ProvinceError, NodesError, ServerError, OSError) as error:
        fail(f"{error}\n日志 / logs: {folder}")
    pulse(whole, standing, console)
    if as_json:
        typer.echo(json.dumps({"kills": whole.kills, **standing.as_json()}, indent=1))
    if directory is None:
        shutil.rmtree(folder)


def _run(whole: Province, console: Console, seconds: float | None, kill: int) -> Standing:
    shown_s = 0.0

    def tick() -> None:
        nonlocal shown_s
        if time.monotonic() - shown_s < _PULSE_S or not whole.server.is_running:
            return
        shown_s = time.monotonic()
        with suppress(sa.exc.OperationalError):  # it was killed at this moment
            pulse(whole, whole.audit(), console)

    console.print("正在启动，约半分钟 / starting, about half a minute")
    with whole.running():
        welcome(whole, console)
        with suppress(KeyboardInterrupt):  # the user's way to end it
            whole.watch(ends_after(seconds), tick, kill_times(whole.seed, kill, seconds or 0))
        console.print("虚拟网关正在送完 / the gateways bring what waits")
        whole.drain()
        return whole.audit()


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
