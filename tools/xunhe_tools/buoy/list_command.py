"""`xunhe buoy list`: the serial ports with what is on them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import typer

from xunhe_tools.buoy.looking import Found, Kind, look
from xunhe_tools.buoy.port import ports
from xunhe_tools.buoy.screen import JsonOption, Screen, outcome

HEADS = (
    "串口 port",
    "板上 on it",
    "设备 device",
    "站 station",
    "版本 version",
    "密钥 key",
    "未发 due",
)
_KINDS = {
    Kind.BOOTLOADER: "空板，引导程序 bare, bootloader",
    Kind.MICROPYTHON: "MicroPython",
    Kind.FLASHED: "已烧录，未配置 flashed, not provisioned",
    Kind.BUOY: "浮标 buoy",
    Kind.SILENT: "无应答 silent",
    Kind.CLOSED: "打不开 closed",
}


def list_ports(
    port: Annotated[
        list[str] | None,
        typer.Option("--port", envvar="XUNHE_PORT", help="另看这些串口 / look at these too"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """列出串口和上面的板子 / list serial ports and what is on them."""
    screen = Screen(as_json=as_json)
    with outcome(screen):
        boards = look_at_all(port or [])
        _tell(screen, boards)
        screen.result({"ports": [_json(found) for found in boards]})


def look_at_all(extra: list[str]) -> list[Found]:
    """All ports at once."""
    found = ports(extra)
    if not found:
        return []
    with ThreadPoolExecutor(max_workers=len(found)) as eyes:
        return list(eyes.map(look, found))


def row(found: Found) -> tuple[str, ...]:
    """A port as a row under HEADS."""
    release = "" if not found.release else f" (#{found.release})"
    pending = "" if found.pending is None else str(found.pending)
    key = found.fingerprint or ("无 none" if found.kind is Kind.FLASHED else "")
    cells = (found.device, found.station, found.version + release, key, pending)
    return (found.port.path, _KINDS[found.kind], *cells)


def _tell(screen: Screen, boards: list[Found]) -> None:
    if not boards:
        screen.warn("没有串口：插好 USB 线", "no serial port: plug the USB cable in")
        screen.say("仍没有：dmesg | tail，换线", "still none: dmesg | tail, try another cable")
        return
    screen.table(HEADS, [row(found) for found in boards])
    for found in boards:
        for text in (found.trouble, found.next_step and f"→ {found.next_step}", _twin(found)):
            if text:
                screen.line(f"  {found.port.path}  {text}")


def _twin(found: Found) -> str:
    if not found.port.twin:
        return ""
    return (
        f"USB 序列号与 {found.port.twin} 相同，按路径区分"
        f" / has the USB serial number of {found.port.twin} too: go by the path"
    )


def _json(found: Found) -> dict[str, object]:
    return {
        "port": found.port.path,
        "adapter": found.port.adapter,
        "serial_number": found.port.serial_number,
        "twin": found.port.twin,
        "kind": found.kind,
        "device": found.device,
        "board": found.board,
        "station": found.station,
        "version": found.version,
        "release": found.release,
        "key": found.fingerprint,
        "unsent": found.pending,
        "trouble": found.trouble,
        "next": found.next_step,
    }
