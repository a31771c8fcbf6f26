"""`xunhe demo`."""

import importlib.util
import json
import shutil
import signal
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from xunhe.cli import fail
from xunhe_tools.demo.chain import Chain, DemoError, ends_after, kill_times
from xunhe_tools.demo.children import micropython
from xunhe_tools.demo.plan import free_port, lay_out, make_plan
from xunhe_tools.demo.report import make_report
from xunhe_tools.demo.screen import Screen
from xunhe_tools.virtual_river.strict import ConfigError

_DEFAULT_FACTOR = 120.0
_CONSOLE_PORT = 8080
_NO_MICROPYTHON = (
    "本机没有 MicroPython，同样的固件文件以 CPython 运行 / no MicroPython here: its wheel exists"
    " for Linux on x86-64 only; the same firmware files run under CPython"
)


def demo(
    seconds: Annotated[
        float | None, typer.Option(min=1, help="运行秒数（墙钟）/ wall seconds to run")
    ] = None,
    headless: Annotated[bool, typer.Option(help="不显示进程信息 / print no story")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="结束时写入结果 / write the figures at the end")
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子 / random seed")] = 7,
    time_factor: Annotated[
        float, typer.Option(min=1, max=1000, help="河流时间倍率 / how much faster river time runs")
    ] = _DEFAULT_FACTOR,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="控制台端口 / port of the console")
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(help="保留数据与日志的空目录 / empty folder to keep data and logs"),
    ] = None,
    script: Annotated[
        Path | None, typer.Option(help="事件脚本（TOML）/ script of events (TOML)")
    ] = None,
    kill_gateway: Annotated[
        int, typer.Option(min=0, help="途中强杀网关的次数 / times to SIGKILL the gateway")
    ] = 0,
    cameras: Annotated[
        bool | None,
        typer.Option(
            help="虚拟摄像机，默认在非 --headless 时开启 / virtual cameras; by default on unless"
            " --headless",
            show_default=False,
        ),
    ] = None,
    drone: Annotated[
        bool | None,
        typer.Option(
            help="一次渲染的飞行，默认在非 --headless 时开启 / a rendered flight; by default on"
            " unless --headless",
            show_default=False,
        ),
    ] = None,
) -> None:
    """运行虚拟河流、真实固件与网关 / run a virtual river, real firmware and the gateway."""
    if kill_gateway and seconds is None:
        fail("--kill-gateway needs --seconds: the kills are spread over the run")
    if directory is not None and directory.exists() and any(directory.iterdir()):
        fail(f"{directory} is not empty: name a new folder, so that no earlier run is lost")
    folder = (directory or Path(tempfile.mkdtemp(prefix="xunhe-demo-"))).resolve()
    console = Console(stderr=headless, quiet=headless, highlight=False)
    if importlib.util.find_spec("pymodbus") is None:
        fail("the virtual probes need pymodbus: pip install 'xunhe[demo]'")
    if micropython() is None:
        typer.echo(_NO_MICROPYTHON, err=True)
    signal.signal(signal.SIGTERM, _terminated)
    try:
        # Nobody types the address of a headless run: several can go side by side.
        console_port = port or free_port(0 if headless else _CONSOLE_PORT)
        watched = not headless if cameras is None else cameras
        flies = not headless if drone is None else drone
        plan = make_plan(
            folder, seed, time_factor, console_port, script, cameras=watched, flies=flies
        )
        lay_out(plan)
        chain = Chain(plan)
        begun = time.monotonic()
        _run(chain, Screen(plan, console), seconds, kill_times(seed, kill_gateway, seconds or 0))
        report = make_report(chain, time.monotonic() - begun)
    except (DemoError, ConfigError, OSError) as error:
        fail(f"{error}\n日志 / logs: {folder}")
    if json_file is not None:
        json_file.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    console.print(
        f"确认 acknowledged {report['readings_acknowledged']} · 入库 stored"
        f" {report['readings_stored']} · 缺失 missing {report['acknowledged_but_missing']} · 工单"
        f" tickets {len(report['tickets'])}"
    )
    if directory is None:
        shutil.rmtree(folder)


def _run(chain: Chain, screen: Screen, seconds: float | None, kills: list[float]) -> None:
    try:
        with chain.running():
            screen.welcome()
            chain.watch(ends_after(seconds), screen.tick, kills)
    except KeyboardInterrupt:
        pass  # the user's way to end it
    finally:
        screen.close()


def _terminated(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
