"""`xunhe sl651 decode`: explain captured frames of SL 651-2014."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from xunhe.cli import fail
from xunhe.codecs.sl651.elements import Element
from xunhe.codecs.sl651.frame import Frame, Rejected, found
from xunhe_tools.hj212.capture import bytes_of, read_file

sl651_app = typer.Typer(help="SL 651-2014 水文监测数据通信规约 / SL 651-2014", no_args_is_help=True)

_FUNCTIONS = {
    0x2F: "链路维持报 keep-alive",
    0x30: "测试报 test",
    0x32: "定时报 timed report",
}
Row = tuple[str, str, str]  # field, value, meaning


@sl651_app.callback()
def _group() -> None:
    """SL 651-2014."""


@sl651_app.command("decode")
def decode(
    file: Annotated[
        Path, typer.Argument(help="字节或十六进制；- 为标准输入 / raw or hex; - is stdin")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """逐字段解释 SL 651 报文，只及已核实的部分 / explain frames as far as they are confirmed."""
    try:
        events = list(found(bytes_of(read_file(file))))
    except OSError as error:
        fail(f"无法读取 / cannot read {file}: {error.strerror}")
    if as_json:
        typer.echo(json.dumps([_plain(event) for event in events], ensure_ascii=False, indent=1))
        return
    for event in events:
        table = Table("字段 field", "值 value", "含义 meaning")
        for row in _rows(event):
            table.add_row(*row)
        Console().print(table)


def _plain(event: Frame | Rejected) -> list[dict[str, Any]]:
    return [dict(zip(("field", "value", "meaning"), row, strict=True)) for row in _rows(event)]


def _rows(event: Frame | Rejected) -> Iterator[Row]:
    if isinstance(event, Rejected):
        yield "✗", event.data.hex().upper(), f"拒收 rejected: {event.reason}"
        return
    direction = ("上行", "up") if event.is_up else ("下行", "down")
    yield "方向 direction", direction[0], direction[1]
    yield "中心站 centre", f"{event.centre:02X}", ""
    yield "遥测站 station", event.station, ""
    yield "密码 password", "****", ""
    function = _FUNCTIONS.get(event.function, "未核实 not confirmed")
    yield "功能码 function", f"{event.function:02X}", function
    yield "流水号 serial", f"{event.serial:04X}", ""
    yield "发报时间 sent", f"{event.sent:%Y-%m-%d %H:%M:%S}", ""
    if event.observed is not None:
        yield "分类码 class", f"{event.station_class:02X}", ""
        yield "观测时间 observed", f"{event.observed:%Y-%m-%d %H:%M}", ""
    yield from map(_element, event.elements)


def _element(element: Element) -> Row:
    kind = element.kind
    value = element.raw.hex().upper() if element.value is None else str(element.value)
    meaning = f"{kind.name_zh} {kind.name_en}, {kind.unit}" if kind else "未核实 not confirmed"
    return f"要素 element {element.identifier:02X}", value, meaning
