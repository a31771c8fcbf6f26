"""Commands of supervision. Reading needs no running gateway; `--json` is for scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer
from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from xunhe.adapters import registry_file
from xunhe.adapters.store import problems
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.problems import Lamp
from xunhe.adapters.supervision import circulars, lookbacks, reports
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.desk import scoring
from xunhe.desk.lights import Light
from xunhe.desk.lookback import LookBackError
from xunhe.desk.periods import Period, parse
from xunhe.desk.roles import Role
from xunhe.desk.scores import Score
from xunhe.desk.seats import Seats, seats_of
from xunhe.domain.clock import SystemClock
from xunhe.domain.registry import Registry, RegistryError
from xunhe.settings import SupervisionSettings

JsonOption = Annotated[bool, typer.Option("--json", help="只输出 JSON / print only JSON")]
PeriodArgument = Annotated[str, typer.Argument(help="2026-07 | 2026Q3 | 2026")]

_LIGHTS = {Light.GREEN: "绿 green", Light.YELLOW: "黄 yellow", Light.RED: "红 red"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works with."""

    database: Database
    registry: Registry
    seats: Seats
    rules: SupervisionSettings
    now: datetime

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A snapshot for reading."""
        with self.database.read() as connection:
            yield connection


@contextmanager
def opened(config: Path | None) -> Iterator[Opened]:
    """The database and registry of the settings, as they are now."""
    settings = settings_of(config)
    try:
        registry = registry_file.load(settings.registry.folder)
    except RegistryError as error:
        fail(str(error))
    database = Database(settings.store.database)
    database.migrate()
    try:
        now = SystemClock().now()
        yield Opened(database, registry, seats_of(registry), settings.supervision, now)
    finally:
        database.close()


def lights(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """此刻的亮灯，按岗位 / the lights of open tickets now, by post."""
    with opened(config) as desk, desk.read() as connection:
        lamp = Lamp(desk.now, desk.rules, circulars.warned_tickets(connection))
        found = problems.board(connection, lamp)
    if as_json:
        _print(found)
        return
    table = Table("岗位 post", *_LIGHTS.values())
    for post, counts in sorted(found.items()):
        table.add_row(post, *(str(counts.get(light, 0)) for light in _LIGHTS))
    Console().print(table)


def circular(
    month: Annotated[str, typer.Argument(help="2026-07")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """某月的亮灯通报，未发布的按日志试算 / a month's circular; one not yet published is tried."""
    period = _period(month)
    with opened(config) as desk, desk.read() as connection:
        found = circulars.of_month(connection, period)
        if found is None:
            tally = circulars.tally_of(connection, desk.seats, desk.rules, period.end)
            found = tally.circulars.get(period)
    if found is None:
        fail(f"{month}：日志中没有该月 / the log does not reach this month")
    if as_json:
        _print({"month": month, **found.data()})
        return
    table = Table("事项 matter", "单位 unit", "灯 light", "原因 why")
    for row in found.rows:
        table.add_row(row.subject, row.unit, _LIGHTS[row.light], row.why.value)
    Console().print(table)


def scores(
    period: PeriodArgument, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """从日志重算得分，并核对已发布的通报 / scores from the log, circulars checked against it."""
    of = _period(period)
    with opened(config) as desk, desk.read() as connection:
        tally = circulars.tally_of(connection, desk.seats, desk.rules, desk.now)
        found = scoring.scores(tally, of, desk.rules, desk.now)
    differing = [month.label for month in scoring.differences(tally)]
    if as_json:
        units = {code: _score(one) for code, one in found.units.items()}
        posts = {code: _score(one) for code, one in found.posts.items()}
        _print({"period": period, "units": units, "posts": posts, "differences": differing})
    else:
        _print_scores({**found.units, **found.posts})
    if differing:
        fail(f"通报与日志不符 / circulars that the log contradicts: {', '.join(differing)}")


def report(
    period: PeriodArgument, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """月报、季报、年报的数字 / the figures of a month, quarter or year."""
    of = _period(period)
    with opened(config) as desk, desk.read() as connection:
        found = reports.of_period(connection, desk.registry, desk.rules, of, desk.now)
    if as_json:
        _print(found)
        return
    rates = found.indicators
    table = Table("指标 figure", of.label_zh)
    for title, value in (
        ("发现 found", found.found),
        ("销号 closed", found.closed),
        ("未结 open", found.still_open),
        ("巡河率 patrols made", rates.patrol),
        ("问题发现率 found by chiefs", rates.discovery),
        ("处置率 closed", rates.disposal),
        ("水质达标率 water", rates.water),
        ("满意度 satisfied", rates.satisfaction),
        *found.steps.items(),
    ):
        table.add_row(title, str(value))
    Console().print(table)
    typer.echo(found.exposure.sentence_zh())


def lookback(
    quarter: Annotated[str, typer.Argument(help="2026Q3")],
    draw: Annotated[bool, typer.Option(help="抽样并写入日志 / draw it, into the log")] = False,
    size: Annotated[
        int | None, typer.Option(min=0, help="抽多少，默认按设置 / how many; else by the settings")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """回头看的样本与结果 / a quarter's look-back: its sample and what was found."""
    of = _period(quarter)
    with opened(config) as desk:
        if draw:
            try:
                with desk.database.write() as connection:
                    lookbacks.draw(connection, of, desk.rules, Role.OFFICE.value, desk.now, size)
            except LookBackError as error:
                fail(str(error))
        with desk.read() as connection:
            found = lookbacks.all_of(connection).get(quarter)
    if found is None:
        fail(f"{quarter} 尚未抽样 / not drawn yet: add --draw")
    if as_json:
        _print(found)
        return
    typer.echo(found.sentence_zh())
    typer.echo("待查 waiting: " + " ".join(str(ticket) for ticket in found.waiting))


def _period(label: str) -> Period:
    try:
        return parse(label)
    except ValueError as error:
        fail(str(error))


def _score(one: Score) -> dict[str, Any]:
    lines = {line.ground.value: [line.count, line.points] for line in one.lines}
    return {"total": one.total, "base": one.base, "lines": lines}


def _print_scores(found: dict[str, Score]) -> None:
    table = Table("单位或岗位 unit or post", "得分 score", "加减 lines")
    for code, one in found.items():
        lines = ", ".join(f"{line.ground.value} {line.points:+g}" for line in one.lines)
        table.add_row(code, f"{one.total:g}", lines)
    Console().print(table)


def _print(value: object) -> None:
    typer.echo(TypeAdapter(object).dump_json(value, indent=1).decode())
