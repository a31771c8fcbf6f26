"""`xunhe patrol telemetry`, `xunhe patrol plan`, `xunhe patrol report`."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from xunhe.adapters import registry_file
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.codecs import flight_json
from xunhe.domain.clock import SHANGHAI, SystemClock
from xunhe.domain.pose import Measured
from xunhe.domain.registry import Reach, RegistryError
from xunhe_tools.buoy.provision_gateway import (
    Account,
    CaOption,
    GatewayOption,
    PasswordOption,
    UserOption,
)
from xunhe_tools.patrol import route_command, send_command

patrol_app = typer.Typer(help="空中巡河 / patrols by drone", no_args_is_help=True)
patrol_app.command("send")(send_command.send)
patrol_app.command("route")(route_command.route)

JsonOption = Annotated[
    bool, typer.Option("--json", help="只输出 JSON / print only JSON on standard output")
]


@patrol_app.command("telemetry")
def telemetry(
    file: Annotated[
        Path,
        typer.Argument(help="SRT、tlog、bin、GPX、照片 / SRT, tlog, bin, GPX, photograph"),
    ],
    utc_offset_h: Annotated[
        float,
        typer.Option(min=-12, max=14, help="无时区的钟相对 UTC 的小时 / hours of zoneless clocks"),
    ] = 8.0,
    as_json: JsonOption = False,
) -> None:
    """读出飞行遥测：每一刻的位置与姿态 / the poses in a drone's telemetry.

    退出状态：0 全部可用；1 有些行被拒（列出）；2 全部不可用
    / exit status: 0 all of it is used, 1 some lines are refused and told, 2 none is of use.
    """
    from xunhe.adapters.drone import telemetry_file  # noqa: PLC0415
    from xunhe.domain.telemetry import TelemetryError  # noqa: PLC0415
    from xunhe_tools.patrol import telemetry_words  # noqa: PLC0415

    try:
        read = telemetry_file.read(file, timedelta(hours=utc_offset_h))
    except TelemetryError as error:
        if as_json:
            typer.echo(json.dumps(telemetry_words.refused(file, error), ensure_ascii=False))
            raise typer.Exit(2) from error
        fail(f"{file}: {telemetry_words.shortened(error.refusals)}")
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    if as_json:
        typer.echo(json.dumps(telemetry_words.document(file, read), ensure_ascii=False))
    else:
        Console().print(telemetry_words.summary(file, read))
    if read.refusals:
        err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        err.print(telemetry_words.shortened(read.refusals))
        raise typer.Exit(1)


@patrol_app.command("plan")
def plan(
    reach: Annotated[str, typer.Option(help="河段编码 / code of the reach")],
    out: Annotated[Path, typer.Option(help="写入的文件夹 / folder to write")] = Path("plan"),
    drone: Annotated[str, typer.Option(help="mavic3e、m30、m4e")] = "mavic3e",
    fov_deg: Annotated[
        float | None, typer.Option(min=10, max=120, help="水平视场角 / horizontal angle of view")
    ] = None,
    endurance_min: Annotated[
        float | None, typer.Option(min=5, max=120, help="一块电池的分钟数 / minutes of a battery")
    ] = None,
    height_m: Annotated[
        float, typer.Option(min=10, max=120, help="离起飞点的高度 / above the place of take-off")
    ] = 60,
    speed_m_s: Annotated[float, typer.Option(min=1, max=15, help="航速 / speed")] = 8,
    overlap: Annotated[
        float, typer.Option(min=0, max=0.95, help="重叠率 / share that pictures overlap")
    ] = 0.7,
    width_m: Annotated[
        float, typer.Option(min=1, max=2000, help="河面连两岸的宽度 / of river and banks")
    ] = 60,
    pitch_deg: Annotated[
        float, typer.Option(min=-90, max=0, help="云台俯仰角 / pitch of the gimbal")
    ] = -90,
    home: Annotated[
        list[str] | None,
        typer.Option(
            help="起飞点“纬度,经度”，可多个 / place of take-off: lat,lon; may be repeated"
        ),
    ] = None,
    no_fly: Annotated[
        Path | None, typer.Option(help="禁飞区 GeoJSON / no-fly polygons, GeoJSON")
    ] = None,
    margin_m: Annotated[
        float, typer.Option(min=1, max=1000, help="离禁飞区的距离 / distance from no-fly zones")
    ] = 20,
    photos: Annotated[
        bool, typer.Option("--photos", help="拍照而不录像 / photographs instead of a film")
    ] = False,
    registry: Annotated[
        Path | None, typer.Option(help="登记册文件夹 / folder of the registry")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只说明，不写文件 / tell it, write nothing")
    ] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """规划沿河段的飞行：航点、电池、时间 / plan a flight along a reach."""
    from xunhe_tools.patrol.plan import flight_plan, job, legs, words  # noqa: PLC0415
    from xunhe_tools.patrol.plan.drone import DRONES  # noqa: PLC0415

    known = DRONES.get(drone)
    if known is None:
        fail(f"--drone {drone}：可用 known: {', '.join(DRONES)}")
    flown = replace(
        known,
        horizontal_fov_deg=fov_deg or known.horizontal_fov_deg,
        endurance_min=endurance_min or known.endurance_min,
    )
    try:
        order = flight_plan.Order(
            reach=_reach(reach, registry, config),
            drone=flown,
            height_m=height_m,
            speed_m_s=speed_m_s,
            overlap=overlap,
            width_m=width_m,
            pitch_deg=pitch_deg,
            homes=tuple(job.place(text) for text in home or ()),
            no_fly=() if no_fly is None else job.no_fly(no_fly),
            margin_m=margin_m,
            takes_photographs=photos,
        )
        made = flight_plan.plan(order)
    except legs.PlanError as error:
        fail(str(error))
    if as_json:
        typer.echo(json.dumps(words.document(made), ensure_ascii=False))
    else:
        typer.echo("\n".join(words.told(made)))
    if not dry_run:
        for path in job.write(made, out, SystemClock().now()):
            typer.echo(str(path), err=True)


@patrol_app.command("report")
def report(
    film: Annotated[Path, typer.Argument(help="录像文件 / the film")],
    reach: Annotated[str, typer.Option(help="河段编码 / code of the reach")],
    telemetry: Annotated[
        Path | None,
        typer.Option(help="遥测；缺省找同名的 .srt / telemetry; by default the .srt of that name"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="写入的文件夹，缺省“录像名-report” / folder to write")
    ] = None,
    last: Annotated[
        Path | None, typer.Option(help="上次飞行的报告文件夹 / folder of the last flight's report")
    ] = None,
    water: Annotated[
        Path | None,
        typer.Option(help="水面多边形 GeoJSON；缺省登记册的 waters.geojson / the water's polygons"),
    ] = None,
    width_m: Annotated[
        float,
        typer.Option(min=1, max=5000, help="无多边形时的河面宽 / the water's width without them"),
    ] = 40,
    drone: Annotated[str | None, typer.Option(help="无人机名称 / name of the drone")] = None,
    begin: Annotated[
        datetime | None,
        typer.Option(help="录像开始的时刻（北京时间）/ when the film began, China time"),
    ] = None,
    offset_s: Annotated[
        float | None,
        typer.Option(help="录像 0 秒在遥测里的秒数 / the telemetry's second at the film's begin"),
    ] = None,
    utc_offset_h: Annotated[
        float,
        typer.Option(min=-12, max=14, help="无时区的钟相对 UTC 的小时 / hours of zoneless clocks"),
    ] = 8.0,
    pitch_deg: Annotated[
        float | None,
        typer.Option(min=-90, max=0, help="遥测没有时的云台俯仰 / the gimbal's pitch, if not told"),
    ] = None,
    height_m: Annotated[
        float | None,
        typer.Option(min=2, max=1000, help="遥测没有时的离地高 / height above ground, if not told"),
    ] = None,
    fov_deg: Annotated[
        float | None,
        typer.Option(min=10, max=150, help="水平视场角 / horizontal angle of view"),
    ] = None,
    water_level_m: Annotated[
        float, typer.Option(help="水面比起飞点高多少 / the water above the place of take-off")
    ] = 0.0,
    align: Annotated[
        bool, typer.Option(help="由画面估计时间差与云台误差 / estimate offset and gimbal's error")
    ] = True,
    threads: Annotated[
        int, typer.Option(min=1, max=64, help="检测线程数 / threads of the detector")
    ] = 2,
    registry: Annotated[
        Path | None, typer.Option(help="登记册文件夹 / folder of the registry")
    ] = None,
    to_desk: Annotated[
        bool, typer.Option("--send", help="并交给工作台 / and bring it to the desk")
    ] = False,
    gateway: GatewayOption = None,
    user: UserOption = "admin",
    password_file: PasswordOption = None,
    gateway_ca: CaOption = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
) -> None:
    """航片变成报告：发现、位置、图片、覆盖率 / a film as findings, pictures and a report.

    中断后用同样的命令继续 / after a break the same command goes on where it was.
    """
    from xunhe.adapters import waters_file  # noqa: PLC0415
    from xunhe_tools.patrol.report import order as orders  # noqa: PLC0415
    from xunhe_tools.patrol.report import screen  # noqa: PLC0415

    river = _reach(reach, registry, config)
    try:
        order = orders.Order(
            film=film,
            telemetry=telemetry or orders.beside(film),
            reach=river,
            water=waters_file.read(water, river)
            if water
            else waters_file.water_of(river, _registry_folder(registry, config), width_m),
            out=out or film.with_name(f"{film.stem}-report"),
            last=last,
            drone=drone,
            begun_at=None if begin is None else begin.replace(tzinfo=SHANGHAI),
            utc_offset=timedelta(hours=utc_offset_h),
            offset_s=offset_s,
            pitch_deg=pitch_deg,
            height_m=height_m,
            fov_deg=fov_deg,
            water_level=Measured(water_level_m, 0.5),
            aligns=align,
            threads=threads,
        )
        flight = screen.reported(order)
    except (orders.ReportError, waters_file.WatersError) as error:
        fail(str(error))
    if as_json:
        typer.echo(flight_json.document(flight))
    else:
        screen.tell(flight, order)
    if to_desk:
        account = Account(gateway, user, password_file, gateway_ca) if gateway else None
        sent = send_command.hand_over(order.out, account, config, as_json=as_json)
        typer.echo(send_command.told(sent), err=True)


def _reach(code: str, folder: Path | None, config: Path | None) -> Reach:
    try:
        registry = registry_file.load(_registry_folder(folder, config))
    except RegistryError as error:
        fail(str(error))
    if code not in registry.reaches:
        fail(f"没有河段 {code}：已登记 / no such reach; registered: {', '.join(registry.reaches)}")
    return registry.reaches[code]


def _registry_folder(folder: Path | None, config: Path | None) -> Path:
    return folder or settings_of(config).registry.folder
