"""`xunhe water`: external data come in, maintenance is noted, a month is evaluated."""

import getpass
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from xunhe.adapters import external_file, registry_file
from xunhe.adapters.external_import import refuse, take_in
from xunhe.adapters.month_report import UTC_OFFSET_S, report
from xunhe.adapters.store import maintenance
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.external import Origin
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.domain.clock import SHANGHAI, SystemClock
from xunhe.domain.external import ExternalError
from xunhe.domain.maintenance import Maintenance, Work
from xunhe.domain.registry import Registry, RegistryError
from xunhe.water.indicators import INDICATORS
from xunhe.water.months import Month
from xunhe_tools.water.report import as_json, as_text

PROBLEMS_SHOWN = 50

water_app = typer.Typer(help="水质 / the water", no_args_is_help=True)


@water_app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV 文件，UTF-8 或 GBK / a CSV file, UTF-8 or GBK")],
    source: Annotated[str, typer.Option(help="数据来源，如实验室名称 / who measured")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只检查，不导入 / check only, store nothing")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """导入外来数据：实验室样品、水位、流量 / take in external data: samples, levels, discharges."""
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(str(error))
    now = SystemClock().now()
    name = f"{file.name} sha256:{hashlib.sha256(data).hexdigest()}"
    by = Origin(source, getpass.getuser(), name)
    with _opened(config) as (database, registry):
        try:
            sheet = external_file.read(data, SHANGHAI)
            taken = take_in(database, registry, sheet.entries, by, now, dry_run=dry_run)
        except ExternalError as error:
            if not dry_run:
                refuse(database, by, data, error, now)
            fail(_problems(error))
    for column in sheet.ignored:
        typer.echo(f"忽略的列 / column passed over: {column}")
    verb = "将导入 would store" if dry_run else "已导入 stored"
    typer.echo(f"{verb} {taken.new}，已有 known before {taken.known}（{sheet.encoding}）: {source}")


@water_app.command("maintain")
def maintain(
    station: Annotated[str, typer.Argument(help="站点编码 / station code")],
    work: Annotated[Work, typer.Option(help="工作内容 / what was done")],
    since: Annotated[str, typer.Option("--from", help="开始，如 2026-03-05 08:30 / beginning")],
    until: Annotated[
        str | None,
        typer.Option("--to", help="结束；不写则仍在进行 / end; left out: still going on"),
    ] = None,
    prop: Annotated[
        str, typer.Option("--property", help="如 ph；不写则全站 / such as ph; left out: all")
    ] = "",
    found_error: Annotated[
        float | None,
        typer.Option(help="校准前读数减标准值 / before calibration: reading - standard"),
    ] = None,
    note: Annotated[str, typer.Option(help="备注 / note")] = "",
    config: ConfigOption = None,
) -> None:
    """登记维护：其间数据留存而不参与评判 / note maintenance: its data are kept and do not judge."""
    if prop and prop not in INDICATORS:
        fail(f"property {prop} is unknown; known: {', '.join(INDICATORS)}")
    times = (_instant(since), None if until is None else _instant(until))
    try:
        done = Maintenance(station, work, *times, prop, found_error, getpass.getuser(), note)
    except ValueError as error:
        fail(str(error))
    with _opened(config) as (database, registry):
        if station not in registry.stations:
            known = ", ".join(sorted(registry.stations))
            fail(f"station {station} is not registered; known: {known}")
        with database.write() as connection:
            maintenance.add(connection, done, SystemClock().now())
    typer.echo(f"已登记 / noted: {work.label_zh} {work} @ {station}")


@water_app.command("report")
def month_report(
    month: Annotated[
        str | None, typer.Option(help="月份，如 2026-03；不写则上个月 / left out: last month")
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="JSON")] = False,
    config: ConfigOption = None,
) -> None:
    """月度水质评价：断面、河流、环比、同比 / a month's sections and rivers and their change."""
    try:
        asked = Month.parse(month) if month else Month.of(SystemClock().now(), UTC_OFFSET_S).before
    except ValueError as error:
        fail(str(error))
    with _opened(config) as (database, registry), database.read() as connection:
        found = report(connection, registry, asked)
    if as_data:
        typer.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(as_text(found)))


@contextmanager
def _opened(config: Path | None) -> Iterator[tuple[Database, Registry]]:
    """The store and the registry of the settings."""
    settings = settings_of(config)
    try:
        registry = registry_file.load(settings.registry.folder)
    except RegistryError as error:
        fail(str(error))
    database = Database(settings.store.database)
    database.migrate()
    try:
        yield database, registry
    finally:
        database.close()


def _problems(error: ExternalError) -> str:
    shown = [str(problem) for problem in error.problems[:PROBLEMS_SHOWN]]
    more = len(error.problems) - len(shown)
    rest = [f"另有 {more} 处 / and {more} more"] if more else []
    return "\n".join(["没有导入任何数据 / nothing was stored", *shown, *rest])


def _instant(text: str) -> datetime:
    at = external_file.parse_time(text, SHANGHAI)
    if at is None:
        fail(f"{text!r} is not an instant such as 2026-03-05 08:30")
    return at.astimezone(UTC)
