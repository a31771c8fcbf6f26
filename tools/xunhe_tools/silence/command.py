"""`xunhe silence …`: alarms that are not wanted for a while."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from xunhe.adapters.store import silences
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.silences import SilenceRow
from xunhe.alerts.muting import Labels
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.domain.clock import SHANGHAI
from xunhe.settings import Settings
from xunhe.start import clock_of

silence_app = typer.Typer(help="静默 / silences", no_args_is_help=True)

_SHOWN = 50

Author = Annotated[str, typer.Option("--by", help="谁 / who")]


@silence_app.command("add")
def add(
    reason: Annotated[str, typer.Option(help="原因 / why")],
    by: Author,
    hours: Annotated[float, typer.Option(min=0.01, max=24 * 90, help="多久 / how long, h")],
    station: Annotated[str | None, typer.Option(help="站点或摄像机 / station or camera")] = None,
    reach: Annotated[str | None, typer.Option(help="河段 / reach")] = None,
    rule: Annotated[str | None, typer.Option(help="规则 / rule")] = None,
    kind: Annotated[str | None, typer.Option(help="事件类别 / kind of incident")] = None,
    zone: Annotated[str | None, typer.Option(help="画面区域 / zone of a picture")] = None,
    config: ConfigOption = None,
) -> None:
    """静默符合全部标签的警报 / silence the alarms that fit all labels."""
    settings = settings_of(config)
    now, database = _opened(settings)
    labels = Labels(station, reach, rule, kind, zone)
    try:
        with database.write() as connection:
            end = now + timedelta(hours=hours)
            number = silences.add(connection, labels, now, end, by, reason)
    except ValueError as error:
        fail(str(error))
    finally:
        database.close()
    typer.echo(f"已静默 / silenced: #{number}，至 until {_shown(end)}")


@silence_app.command("list")
def show(config: ConfigOption = None) -> None:
    """列出静默与各自隐去的警报数 / list the silences with how much each has hidden."""
    now, database = _opened(settings_of(config))
    with database.read() as connection:
        rows = silences.newest(connection, _SHOWN)
    database.close()
    for row in rows:
        typer.echo(_line(row, now))


@silence_app.command("end")
def end(
    number: Annotated[int, typer.Argument(help="编号 / number")],
    by: Author,
    config: ConfigOption = None,
) -> None:
    """提前结束静默 / end a silence before its time."""
    now, database = _opened(settings_of(config))
    with database.write() as connection:
        is_ended = silences.end(connection, number, now, by)
    database.close()
    if not is_ended:
        fail(f"没有生效中的静默 #{number} / no silence #{number} is in force")
    typer.echo(f"已结束 / ended: #{number}")


def _opened(settings: Settings) -> tuple[datetime, Database]:
    database = Database(settings.store.database)
    database.migrate()
    return clock_of(settings.clock).now(), database


def _line(row: SilenceRow, now: datetime) -> str:
    silence = row.silence
    state = "生效 in force" if silence.holds_at(now) else "已结束 over"
    return (
        f"#{silence.silence_id} {state} {_shown(silence.starts_at)} – {_shown(silence.ends_at)}"
        f" {silence.labels.shown}：{silence.reason}（{silence.author}）"
        f" 隐去 hid {row.hidden}"
    )


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
