"""`xunhe patrol send`: a report goes to the desk, once however often it is sent."""

import json
from pathlib import Path
from typing import Annotated

import typer

from xunhe.adapters.flights.refused import FlightError
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.codecs.flight_json import FlightJsonError
from xunhe.domain.registry import RegistryError
from xunhe.settings import SettingsError
from xunhe_tools.buoy.provision_gateway import (
    Account,
    CaOption,
    GatewayError,
    GatewayOption,
    PasswordOption,
    UserOption,
)
from xunhe_tools.buoy.screen import Screen
from xunhe_tools.patrol import posting, taking
from xunhe_tools.patrol.report_folder import ReportFolder
from xunhe_tools.patrol.sent import Sent

PostOption = Annotated[
    str | None,
    typer.Option("--post", help="计为哪个岗位的巡河；默认最近的河长 / whose patrol it is"),
]


def send(
    folder: Annotated[Path, typer.Argument(help="报告文件夹 / the report's folder")],
    gateway: GatewayOption = None,
    user: UserOption = "admin",
    password_file: PasswordOption = None,
    gateway_ca: CaOption = None,
    post: PostOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="只输出 JSON / print only JSON on standard output")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """把飞行报告交给工作台：事件、工单、巡河记录 / bring a flight's report to the desk.

    有 --gateway 时经网络发送，否则写入本机网关的库；重复发送无妨
    / over the network with --gateway, else into this machine's store; twice does no harm.
    """
    account = Account(gateway, user, password_file, gateway_ca) if gateway else None
    sent = hand_over(folder, account, config, post, as_json=as_json)
    if as_json:
        said = {"id": sent.id, "is_new": sent.is_new, "page": sent.page}
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        typer.echo(told(sent))


def hand_over(
    folder: Path,
    account: Account | None,
    config: Path | None,
    post: str | None = None,
    *,
    as_json: bool = False,
) -> Sent:
    """Bring the report in a folder to the desk; where that fails, say why and end."""
    try:
        report = ReportFolder.read(folder)
        return _sent(report, account, post, config, as_json)
    except (FlightJsonError, FlightError, RegistryError, SettingsError, OSError) as error:
        fail(f"{folder}: {error}")
    except GatewayError as error:
        fail(
            f"{error.happened}\n报告仍在 the report is still in {folder}；重复发送无妨 / send again"
        )


def told(sent: Sent) -> str:
    """Whether it was new, and where it is now."""
    return f"{'已收下 taken in' if sent.is_new else '此前已有 known before'}: {sent.page}"


def _sent(
    report: ReportFolder,
    account: Account | None,
    post: str | None,
    config: Path | None,
    as_json: bool,
) -> Sent:
    if account is None:
        return taking.take(report, settings_of(config), post)
    return posting.post(report, account, Screen(as_json=as_json), post)
