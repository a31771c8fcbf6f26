"""`xunhe hj212 …`: explain what was captured, and receive from stations of others."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta, timezone
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from xunhe.adapters import registry_file
from xunhe.adapters.store.database import Database
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.codecs.hj212.deframing import Deframer, Event, Frame
from xunhe.codecs.hj212.dialect import DIALECTS, Dialect
from xunhe.codecs.hj212.explain import Line, explained, shown
from xunhe.codecs.hj212.reason import Rejected
from xunhe.outward import hj212_listener
from xunhe.outward_settings.file import load_outward
from xunhe.settings import SettingsError
from xunhe.start import clock_of
from xunhe_tools.hj212.capture import bytes_of, read_file, with_line_ends

hj212_app = typer.Typer(help="HJ 212-2017 污染物在线监控 / HJ 212-2017", no_args_is_help=True)


@hj212_app.command("decode")
def decode(
    file: Annotated[
        Path,
        typer.Argument(
            help="原始字节、文本或十六进制；- 为标准输入 / raw, text or hex; - is stdin"
        ),
    ],
    dialect: Annotated[str, typer.Option(help=" | ".join(DIALECTS))] = "2017",
    zone_hours: Annotated[float, typer.Option(help="时区 / hours east of UTC")] = 8.0,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """逐字段解释一段 HJ 212 报文 / explain a capture field by field."""
    if dialect not in DIALECTS:
        fail(f"没有方言 / no dialect {dialect}; 可用 known: {', '.join(DIALECTS)}")
    try:
        capture = with_line_ends(bytes_of(read_file(file)))
    except OSError as error:
        fail(f"无法读取 / cannot read {file}: {error.strerror}")
    found = list(_found(capture, DIALECTS[dialect], zone_hours))
    if as_json:
        typer.echo(json.dumps([_plain(*each) for each in found], ensure_ascii=False, indent=1))
    else:
        for event, lines in found:
            _print(event, lines)
    good = sum(_is_good(event, lines) for event, lines in found)
    summary = f"好报文 {good}，拒收 {len(found) - good} / good {good}, rejected {len(found) - good}"
    typer.echo(summary, err=True)


@hj212_app.command("listen")
def listen(config: ConfigOption = None) -> None:
    """接收现有测站的 HJ 212 数据，直到 Ctrl-C / receive from existing stations until Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.ERROR)
    settings = settings_of(config)
    try:
        receiving = load_outward(settings.outward.file).hj212_in
        if receiving is None:
            fail("对外链路文件没有 [hj212_in] / the file of links has no [hj212_in]")
        database = Database(settings.store.database)
        database.migrate()
        registry = registry_file.load(settings.registry.folder)
        listener = hj212_listener(receiving, database, registry, clock_of(settings.clock))
    except SettingsError as error:
        fail(str(error))
    typer.echo(f"监听 / listening: {receiving.host}:{listener.port}")
    try:
        while True:
            listener.step()
    except KeyboardInterrupt:
        listener.close()
        database.close()


def _found(data: bytes, dialect: Dialect, zone_hours: float) -> Iterator[tuple[Event, list[Line]]]:
    """Every frame and everything rejected; bytes between them are told as noise."""
    zone = timezone(timedelta(hours=zone_hours))
    deframer = Deframer()
    end = 0
    for event in deframer.feed(data) + deframer.give_up():
        noise = data[end : event.offset]
        lines = explained(event, dialect, zone)
        if noise and noise.strip():
            lines.insert(0, Line("…", shown(noise), "报文之外的字节", "bytes outside of frames"))
        end = max(end, event.offset + 1 if isinstance(event, Rejected) else event.end)
        yield event, lines


def _is_good(event: Event, lines: list[Line]) -> bool:
    return isinstance(event, Frame) and lines[-1].name != "✗"


def _plain(event: Event, lines: list[Line]) -> dict[str, Any]:
    fields = [asdict(line) for line in lines]
    return {"offset": event.offset, "good": _is_good(event, lines), "fields": fields}


def _print(event: Event, lines: list[Line]) -> None:
    table = Table(title=f"@{event.offset}")
    for name in ("字段 field", "值 value", "含义 meaning"):
        table.add_column(name, overflow="fold")
    for line in lines:
        meaning = " / ".join(filter(None, (line.zh, line.en)))
        table.add_row(*(text.replace("[", r"\[") for text in (line.name, line.value, meaning)))
    Console().print(table)
