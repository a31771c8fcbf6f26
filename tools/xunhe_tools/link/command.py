"""`xunhe link …`: the links to the outside, what waits for them, what was put aside."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from xunhe.adapters.notify.channels import channel_of
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.database import Database
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.domain.clock import SHANGHAI, SystemClock
from xunhe.domain.outward import Message, Sent
from xunhe.outward_settings.file import OutwardFile, load_outward
from xunhe.settings import SettingsError

link_app = typer.Typer(help="对外链路 / links to the outside", no_args_is_help=True)

_SHOWN = 50
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]


@link_app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="outward.toml")],
) -> None:
    """检查对外链路文件 / check a file of links, channels and recipients."""
    found = _load(file)
    counts = {name: len(entries) for name, entries in found if isinstance(entries, tuple)}
    said = "，".join(f"{name} {count}" for name, count in counts.items() if count)
    typer.echo(f"{file}：可用 is good: {said or '空 empty'}")


@link_app.command("try")
def try_out(
    channel: Annotated[str, typer.Argument(help="渠道名 / name of a channel")],
    to: Annotated[str, typer.Option(help="收件人 / recipient of mail or SMS")] = "",
    config: ConfigOption = None,
) -> None:
    """向一个渠道发一条测试通知 / send a test notice by a channel."""
    file = _load(settings_of(config).outward.file)
    known = {entry.name: entry for entry in file.channel}
    if channel not in known:
        fail(f"没有渠道 / no channel {channel}; 可用 known: {', '.join(known) or '无 none'}")
    clock = SystemClock()
    body = {"text": "巡河 xunhe：测试通知，无需处理 / a test, nothing to do", "to": to}
    try:
        destination = channel_of(known[channel], clock)
    except SettingsError as error:
        fail(str(error))
    (outcome,) = destination.send([Message("try", "notice", clock.now(), body)])
    if outcome.sent is not Sent.DONE:
        fail(f"未送达 / not delivered: {outcome.detail}")
    typer.echo("已送达 / delivered")


@link_app.command("list")
def show(config: ConfigOption = None, as_json: Json = False) -> None:
    """各链路的待发、已发与搁置 / what waits, what was sent, what was put aside."""
    with _opened(config) as database, database.read() as connection:
        standings = deliveries.standing(connection)
        dead = deliveries.dead(connection, _SHOWN)
    if as_json:
        typer.echo(json.dumps(_plain(standings, dead), ensure_ascii=False))
        return
    table = Table("链路 link", "待发 waiting", "搁置 put aside", "已发 sent", "最早 oldest waiting")
    for name, standing in sorted(standings.items()):
        oldest = standing.oldest_waiting
        shown = "" if oldest is None else f"{oldest.astimezone(SHANGHAI):%m-%d %H:%M:%S}"
        counts = (standing.waiting, standing.dead, standing.sent)
        table.add_row(name, *map(str, counts), shown)
    console = Console()
    console.print(table)
    for row in dead:
        console.print(f"#{row.id} {row.destination} {row.key}: {row.error}", markup=False)
    if dead:
        console.print("重发 / send again: xunhe link resend NUMBER")


@link_app.command("resend")
def resend(
    number: Annotated[int, typer.Argument(help="编号 / number from `xunhe link list`")],
    config: ConfigOption = None,
) -> None:
    """重发一条搁置的消息 / send a message again that was put aside."""
    with _opened(config) as database, database.write() as connection:
        done = deliveries.resend(connection, number, SystemClock().now())
    if not done:
        fail(f"没有搁置的消息 #{number} / nothing put aside has the number {number}")
    typer.echo(f"#{number} 等待发送 / waits to be sent")


def _load(file: Path | None) -> OutwardFile:
    try:
        return load_outward(file)
    except SettingsError as error:
        fail(str(error))


@contextmanager
def _opened(config: Path | None) -> Iterator[Database]:
    database = Database(settings_of(config).store.database)
    database.migrate()
    yield database
    database.close()


def _plain(standings: dict[str, deliveries.Standing], dead: list[Any]) -> dict[str, Any]:
    links = {
        name: {
            "waiting": standing.waiting,
            "dead": standing.dead,
            "sent": standing.sent,
            "oldest_waiting": standing.oldest_waiting and standing.oldest_waiting.isoformat(),
        }
        for name, standing in standings.items()
    }
    aside = [
        {"number": row.id, "link": row.destination, "key": row.key, "error": row.error}
        for row in dead
    ]
    return {"links": links, "put_aside": aside}
