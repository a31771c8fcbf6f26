"""`xunhe broker …`: a broker that lets each device reach its own topics and nothing else."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from xunhe.adapters import broker_files
from xunhe.adapters.broker_keeper import RightsBook
from xunhe.adapters.broker_rights import OPEN_TO_READERS, Account, hashed
from xunhe.adapters.https import authority
from xunhe.adapters.https.names import found_names
from xunhe.adapters.store.database import Database
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.domain.clock import SHANGHAI, SystemClock
from xunhe.settings import Settings

_USUAL = Path("var/broker")

broker_app = typer.Typer(
    help="MQTT 代理的 TLS 与主题权限 / TLS and topic rights of the MQTT broker",
    no_args_is_help=True,
)


@broker_app.command("configure")
def configure(
    name: Annotated[
        list[str] | None,
        typer.Option(help="浮标用的名称或地址，可多个 / by which buoys reach it; may be repeated"),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="存放处，默认按设置 / where; by the settings if left out")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 / port")] = 8883,
    config: ConfigOption = None,
) -> None:
    """写证书、mosquitto 配置与每台设备的权限 / certificate, mosquitto.conf, rights per device."""
    settings = settings_of(config)
    where = folder or settings.mqtt.secured or _USUAL
    now = SystemClock().now()
    try:
        made = authority.plan(where, found_names().with_more(name or []), now, is_constrained=False)
        authority.carry_out(made, now)
        count = _write(where, port, settings)
    except (OSError, ValueError) as error:
        fail(f"{where}: {error}")
    _say(made, count, _usual_name(name, made), port)


@broker_app.command("reader")
def reader(
    name: Annotated[str, typer.Argument(help="程序的用户名 / user name of the program")],
) -> None:
    """给只读数值的程序一个帐号 / an account for a program that reads values and nothing else."""
    password = secrets.token_urlsafe(24)
    try:
        account = Account(name, hashed(password, secrets.token_bytes(12)), (), OPEN_TO_READERS)
    except ValueError as error:
        fail(str(error))
    typer.echo(f"密码，只显示这一次 / password, shown this once: {password}")
    typer.echo(f"可读 may read: {', '.join(OPEN_TO_READERS)}")
    typer.echo("设置 settings:")
    typer.echo(f'[mqtt.readers]\n"{account.name}" = "{account.password_hash}"')


def _write(folder: Path, port: int, settings: Settings) -> int:
    """The files beside the certificate; how many accounts they hold."""
    database = Database(settings.store.database)
    try:
        database.migrate()
        rights = RightsBook(database, settings.mqtt.readers, SystemClock()).rights()
    finally:
        database.close()
    broker_files.write(folder, rights)
    text = broker_files.configuration(folder, port).encode()
    authority.write_whole(folder / broker_files.CONFIGURATION, text, 0o600)
    broker_files.have_read_again(folder)
    return len(rights.accounts)


def _usual_name(given: list[str] | None, made: authority.Plan) -> str:
    """By which name buoys had best reach the broker: names outlive addresses."""
    return given[0] if given else (made.names.reachable or ["localhost"])[-1]


def _say(made: authority.Plan, count: int, name: str, port: int) -> None:
    end = authority.read(made.folder / authority.SERVER).not_valid_after_utc
    typer.echo(f"证书机构 authority: {made.authority.value}")
    typer.echo(f"代理证书 certificate: {made.server.value}")
    typer.echo(f"名称 names: {', '.join([*made.names.hosts, *map(str, made.names.addresses)])}")
    typer.echo(f"有效至，自动更新 / until, renewed by itself: {end.astimezone(SHANGHAI):%Y-%m-%d}")
    typer.echo(f"帐号 accounts: {count}")
    typer.echo("设置 settings:")
    typer.echo(f'[mqtt]\nhost = "{name}"\nport = {port}\nsecured = "{made.folder}"')
    typer.echo("embedded = false   # true：内置代理，host 写监听地址 / embedded: host to listen on")
    typer.echo(
        "mosquitto（与网关同一用户 / as the gateway's user）："
        f" mosquitto -c {made.folder / broker_files.CONFIGURATION}"
    )
    typer.echo(
        f"浮标 buoys: xunhe buoy provision --broker {name}:{port}"
        f" --broker-ca {made.folder / authority.AUTHORITY} …"
    )
