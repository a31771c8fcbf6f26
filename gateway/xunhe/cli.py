"""Commands of the gateway."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from xunhe import app as gateway
from xunhe.adapters import desk_head, enrolling, log_setup, registry_file
from xunhe.adapters.blur import Blur
from xunhe.adapters.broker import BrokerError
from xunhe.adapters.desk_calendar_file import CalendarError
from xunhe.adapters.enrolment_seal import SealError
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.export_review import export_review
from xunhe.adapters.province.line import LineError
from xunhe.adapters.province.parcel import check_code
from xunhe.adapters.releases import ReleaseError, Releases
from xunhe.adapters.store import (
    commands,
    desk_log,
    devices,
    enrolments,
    gateways,
    personal,
    reports,
)
from xunhe.adapters.store.address import AddressError, UnreachableError
from xunhe.adapters.store.database import Database
from xunhe.desk.roles import Role
from xunhe.domain.clock import SHANGHAI, SystemClock
from xunhe.domain.registry import RegistryError
from xunhe.settings import Settings, SettingsError, load
from xunhe.start import StartError
from xunhe_buoy.checks import ConfigError
from xunhe_buoy.parameter_table import checked

app = typer.Typer(
    help="巡河 xunhe：守护河流的浮标、网关与河长工作台 / buoys, gateway and duty desk for rivers",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
device_app = typer.Typer(help="设备 / devices", no_args_is_help=True)
registry_app = typer.Typer(help="登记册 / the registry", no_args_is_help=True)
app.add_typer(device_app, name="device")
app.add_typer(registry_app, name="registry")
desk_app = typer.Typer(
    help="工作台；不带子命令则运行省级工作进程 / the duty desk; by itself: a province's worker",
    invoke_without_command=True,
)
app.add_typer(desk_app, name="desk")
review_app = typer.Typer(help="人工核查 / what people judged", no_args_is_help=True)
app.add_typer(review_app, name="review")

err = Console(stderr=True, highlight=False)

_CANNOT_START = (
    RegistryError,
    SettingsError,
    CalendarError,
    StartError,
    BrokerError,
    LineError,
    AddressError,
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="设置文件（TOML）/ settings file (TOML)")
]


@app.command()
def run(config: ConfigOption = None) -> None:
    """运行网关，直到按 Ctrl-C / run the gateway until Ctrl-C."""
    _serve(gateway.run, config)


@device_app.command("enrol")
def enrol(
    station: Annotated[str, typer.Option(help="站点编码 / station code")],
    device: Annotated[
        str, typer.Option(help="设备地址，12 位十六进制 / device address, 12 hex digits")
    ],
    key_file: Annotated[
        Path, typer.Option(help="32 字节密钥的十六进制文件 / file with the key in hex")
    ],
    config: ConfigOption = None,
) -> None:
    """登记一台设备及其密钥 / enrol a device with its key."""
    settings = settings_of(config)
    registry = registry_file.load(settings.registry.folder)
    if station not in registry.stations:
        fail(f"station {station} is not registered; known: {', '.join(sorted(registry.stations))}")
    database = Database(settings.store.database)
    database.migrate()
    try:
        key = bytes.fromhex(key_file.read_text().strip())
        with database.write() as connection:
            enrolled = devices.Device(device.lower(), station, key)
            enrolments.enrol(connection, enrolled, SystemClock().now())
    except (OSError, ValueError) as error:
        fail(f"{error}")
    finally:
        database.close()
    typer.echo(f"已登记 / enrolled: {device} @ {station}")


@device_app.command("import")
def import_enrolment(
    file: Annotated[Path, typer.Argument(help="xunhe buoy provision --carry 写的文件 / its file")],
    config: ConfigOption = None,
) -> None:
    """登记带来的密封密钥，旧密钥即作废 / enrol a key that was carried here; revokes the old one."""
    registry = registry_file.load(settings_of(config).registry.folder)
    database = _open_store(config)
    try:
        with database.write() as connection:
            now = SystemClock().now()
            enrolment = enrolling.open_sealed(connection, file.read_bytes(), now)
            done = enrolling.put_in_force(connection, registry, enrolment, now, is_carried=True)
    except (OSError, SealError, enrolments.EnrolmentError) as error:
        fail(f"{error}")
    finally:
        database.close()
    old = "，旧密钥已作废 / the old key is revoked" if done.has_replaced else ""
    typer.echo(f"已登记 / enrolled: {done.device} @ {done.station} ({enrolment.by}){old}")
    if done.first_boot > 1 and done.has_replaced:
        typer.echo(f"若板子曾擦除 / if the board was erased: --first-boot {done.first_boot}")


@device_app.command("revoke")
def revoke(
    device: Annotated[str, typer.Argument(help="设备地址，12 位十六进制 / device address")],
    config: ConfigOption = None,
) -> None:
    """作废一台丢失设备的密钥 / take the key of a lost device out of force."""
    database = _open_store(config)
    try:
        with database.write() as connection:
            was_enrolled = enrolments.revoke(connection, device.lower(), SystemClock().now())
    finally:
        database.close()
    if not was_enrolled:
        fail(f"device {device} is not enrolled")
    typer.echo(f"已作废 / revoked: {device}")


@device_app.command("seal-key")
def seal_key(config: ConfigOption = None) -> None:
    """显示本网关的公钥，供离线配置浮标 / this gateway's public key, for provisioning off line."""
    database = _open_store(config)
    try:
        with database.write() as connection:
            key = enrolling.sealing_key(connection, SystemClock().now())
    finally:
        database.close()
    typer.echo(key.hex())


@device_app.command("set")
def set_parameters(
    station: Annotated[str, typer.Argument(help="站点编码 / station code")],
    changes: Annotated[
        list[str], typer.Argument(help="名称=值，null 为关闭 / name=value, null switches off")
    ],
    config: ConfigOption = None,
) -> None:
    """给浮标排队一条参数命令，浮标下次上线时发送 / queue parameters for a buoy; sent when heard."""
    _queue(config, station, {"set": dict(_change(text) for text in changes)})


@device_app.command("update")
def update(
    station: Annotated[str, typer.Argument(help="站点编码 / station code")],
    release: Annotated[int, typer.Argument(help="发布编号 / number of the release")],
    config: ConfigOption = None,
) -> None:
    """让浮标升级到一个已签名的发布包 / offer a buoy a signed release of its firmware."""
    try:
        manifest = Releases(settings_of(config).releases.folder).manifest(release)
    except ReleaseError as error:
        fail(str(error))
    _queue(config, station, {"update": manifest})


@device_app.command("show")
def show(
    station: Annotated[str, typer.Argument(help="站点编码 / station code")],
    config: ConfigOption = None,
) -> None:
    """显示命令的进展与浮标的报告 / how far commands have come, and what the buoy reported."""
    database = _open_store(config)
    try:
        with database.read() as connection:
            sent = commands.of_station(connection, station)
            events = reports.of_station(connection, station, "event", limit=5)
            diagnostics = reports.of_station(connection, station, "diagnostic", limit=5)
    finally:
        database.close()
    for one in sent:
        reason = "" if one.reason is None else f"：{one.reason}"
        content = json.dumps(one.content, ensure_ascii=False)[:100]
        typer.echo(f"{one.id} {one.state.label_zh} {one.state}{reason} {content}")
    for kept in (*events, *diagnostics):
        content = json.dumps(kept.content, ensure_ascii=False)
        typer.echo(f"{kept.received_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S} {content}")
    if not (sent or events or diagnostics):
        typer.echo(f"没有命令和报告 / no commands and no reports: {station}")


@registry_app.command("check")
def check(folder: Path) -> None:
    """检查登记册，列出全部问题 / check a registry and list everything wrong with it."""
    try:
        registry = registry_file.load(folder)
    except RegistryError as error:
        fail(str(error))
    vacant = [code for code in registry.posts if registry.holder(code, _now()) is None]
    typer.echo(
        f"{len(registry.reaches)} 河段 reaches, {len(registry.stations)} 站点 stations,"
        f" {len(registry.posts)} 岗位 posts, {len(vacant)} 空缺 vacant"
        f"{': ' if vacant else ''}{', '.join(vacant)}"
    )


@review_app.command("export")
def export(
    out: Annotated[Path, typer.Argument(help="新文件夹 / a new folder")],
    config: ConfigOption = None,
    show_faces: Annotated[
        bool, typer.Option(help="不遮挡人脸与车牌，仅供内部 / hide nothing: for use inside only")
    ] = False,
) -> None:
    """把核查过的事件导出为微调用的图片 / judged incidents as pictures for `xunhe model adapt`."""
    settings = settings_of(config)
    database = Database(settings.store.database)
    database.migrate()
    try:
        store = EvidenceStore(settings.vision.evidence)
        counts = export_review(database, store, out, blur=None if show_faces else Blur())
    except FileExistsError as error:
        fail(str(error))
    finally:
        database.close()
    typer.echo(
        f"属实 confirmed {counts.confirmed}，误报 rejected {counts.rejected}，"
        f"没有图片 without a picture {counts.left_out}: {out}"
    )


@desk_app.callback()
def desk(context: typer.Context, config: ConfigOption = None) -> None:
    """工作台；不带子命令则运行省级工作进程 / the duty desk; by itself: a province's worker."""
    if context.invoked_subcommand is None:
        # What it needs (the extra "scale") is not on every gateway.
        from xunhe.province import run as work  # noqa: PLC0415

        _serve(work, config)


@desk_app.command("gateway")
def desk_gateway(
    code: Annotated[str, typer.Argument(help="网关编码 / the gateway's code")],
    key_file: Annotated[
        Path | None,
        typer.Option(help="32 字节密钥的十六进制文件 / file with its key in hex"),
    ] = None,
    revoke: Annotated[bool, typer.Option(help="作废其密钥 / take its key out of force")] = False,
    config: ConfigOption = None,
) -> None:
    """登记或作废一个网关 / enrols a gateway of a province, or revokes it."""
    database = _open_store(config)
    try:
        check_code(code)
        with database.write() as connection:
            if revoke and not gateways.revoke(connection, code, _now()):
                fail(f"gateway {code} is not enrolled")
            if key_file is not None:
                key = bytes.fromhex(key_file.read_text().strip())
                gateways.enrol(connection, code, key, _now())
    except (OSError, ValueError) as error:
        fail(str(error))
    finally:
        database.close()
    typer.echo(f"{'已作废 / revoked' if revoke else '已登记 / enrolled'}: {code}")


@desk_app.command("gateways")
def desk_gateways(config: ConfigOption = None) -> None:
    """列出网关与最近一次听到它们的时间 / lists the gateways and when each was last heard."""
    database = _open_store(config)
    try:
        with database.read() as connection:
            known = gateways.listed(connection)
    finally:
        database.close()
    for one in known:
        heard = f"{one.heard_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if one.heard_at else "—"
        state = "已作废 revoked" if one.revoked_at else ""
        typer.echo(f"{one.code}  {heard}  {state}".rstrip())


@desk_app.command("verify")
def verify(
    config: ConfigOption = None,
    heads: Annotated[
        Path | None,
        typer.Option(
            help="另存的日志头目录 / folder of heads kept elsewhere; else desk.head_folder"
        ),
    ] = None,
) -> None:
    """核对工作台日志，指出第一条不符 / check the log; names the first broken row and exits 1."""
    settings = settings_of(config)
    database = Database(settings.store.database)
    try:
        database.migrate()
        known = desk_head.published(heads or settings.desk.head_folder)
        with database.read() as connection:
            broken = desk_log.first_flaw(connection, known)
            newest = None if broken else desk_log.last(connection)
    except ValueError as error:
        fail(str(error))
    finally:
        database.close()
    if broken is not None:
        err.print(
            f"[red]第 {broken.seq} 条不符 / row {broken.seq} is broken:[/] {broken.flaw.value}"
        )
        raise typer.Exit(1)
    count, digest = (newest.seq, newest.hash) if newest else (0, "—")
    typer.echo(f"日志完好 / the log holds: {count} 条 rows, {len(known)} 个日志头 heads, {digest}")


@desk_app.command("erase")
def erase(
    personal_id: Annotated[int, typer.Argument(help="个人资料编号 / id of personal data")],
    config: ConfigOption = None,
) -> None:
    """删除一份个人资料，日志仍可核对 / forget personal data; the log still verifies."""
    database = Database(settings_of(config).store.database)
    try:
        database.migrate()
        with database.write() as connection:
            is_new = personal.erase(connection, personal_id, Role.OFFICE.value, _now())
    except (personal.UnknownPersonalError, personal.StillNeededError) as error:
        fail(str(error))
    finally:
        database.close()
    typer.echo(f"已删除 / erased: {personal_id}" if is_new else "早已删除 / erased before")


def _serve(
    run: Callable[[Settings, Callable[[str, str | None], None]], None], config: Path | None
) -> None:
    """Run a process that serves until it is told to end."""
    settings = settings_of(config)
    log_setup.set_up(settings.log)
    try:
        run(settings, say_address)
    except UnreachableError as error:  # it may come back: systemd starts what ends with 1 again
        err.print("[red]错误 / error:[/] " + escape(str(error)), soft_wrap=True)
        raise typer.Exit(1) from error
    except _CANNOT_START as error:
        fail(str(error))


def say_address(address: str, setup_code: str | None) -> None:
    """Print where the console is, and the one-time code while there is no administrator."""
    typer.echo(f"控制台 / console: {address}")
    if setup_code is not None:
        typer.echo(f"一次性管理员码 / one-time administrator code: {setup_code}")
        typer.echo(f"设置管理员 / set up the administrator: {address}setup")


def fail(message: str) -> NoReturn:
    """Say what is wrong and leave with status 2."""
    err.print("[red]错误 / error:[/] " + escape(message), soft_wrap=True)
    raise typer.Exit(2)


def _queue(config: Path | None, station: str, content: dict[str, Any]) -> None:
    database = _open_store(config)
    try:
        with database.write() as connection:
            enrolled = devices.at_station(connection, station)
            if enrolled is None:
                fail(f"no device is enrolled at {station}; see: xunhe device enrol --help")
            now = SystemClock().now()
            number = commands.queue(connection, enrolled.device, station, content, now)
    finally:
        database.close()
    typer.echo(f"已排队 / queued: {number} → {station}（查看 / see: xunhe device show {station}）")


def settings_of(config: Path | None) -> Settings:
    """The settings a command runs with: those of the file, or all the usual ones."""
    path = config or Path("xunhe.toml")
    if config is None and not path.exists():
        return Settings()
    try:
        return load(path)
    except SettingsError as error:
        fail(str(error))


def _open_store(config: Path | None) -> Database:
    database = Database(settings_of(config).store.database)
    database.migrate()
    return database


def _change(text: str) -> tuple[str, object]:
    """A parameter and its value in name=value; what is no JSON is a word."""
    name, equals, word = text.partition("=")
    if not equals:
        fail(f"{text}: write name=value, such as sample_interval_s=600")
    try:
        value = json.loads(word)
    except ValueError:
        value = word
    try:
        return name, checked(name, value)
    except ConfigError as error:
        fail(str(error))


def _now() -> datetime:
    return SystemClock().now()
