"""`xunhe hardware power`, `xunhe hardware buoy`, `xunhe hardware camera`: all calculated."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from xunhe_tools.hardware.power.loads import Load

hardware_app = typer.Typer(
    help="硬件计算：供电、浮体、摄像机 / hardware calculated: power, floating, cameras",
    no_args_is_help=True,
)

JsonOption = Annotated[bool, typer.Option("--json", help="JSON")]
_CALCULATED = "计算值，不是实测 / calculated, not measured"


@hardware_app.command("power")
def power(
    city: Annotated[
        Literal["hangzhou", "chongqing", "harbin", "all"], typer.Option(help="城市 / city")
    ] = "all",
    climate: Annotated[
        Path | None, typer.Option(help="自己的气候表 CSV / a climate file of your own")
    ] = None,
    panel_w: Annotated[float, typer.Option(min=1, help="光伏板 / panel, W")] = 20,
    cell_ah: Annotated[float, typer.Option(min=1, help="电芯 / cell, Ah")] = 36,
    interval_s: Annotated[float, typer.Option(min=10, help="采样间隔 / interval, s")] = 900,
    alarm_h: Annotated[
        float, typer.Option(min=0, help="每月报警小时 / hours of alarm a month")
    ] = 24,
    link: Annotated[Literal["4g", "wifi", "lora"], typer.Option(help="上行 / link")] = "4g",
    wakes: Annotated[int, typer.Option(min=0, help="浮标计数器 / a buoy's counter wakes")] = 0,
    awake_s: Annotated[float, typer.Option(min=0, help="浮标计数器 / its counter awake_s")] = 0,
    seed: Annotated[int, typer.Option(help="天气的随机种子 / seed of the weather")] = 1,
    years: Annotated[int, typer.Option(min=1, max=200, help="年数 / years of weather")] = 20,
    svg: Annotated[Path | None, typer.Option(help="把图写到此文件 / write the plot here")] = None,
    as_json: JsonOption = False,
) -> None:
    """浮标的电够不够，逐日计算 / whether a buoy's power lasts, day by day."""
    from xunhe.cli import fail  # noqa: PLC0415
    from xunhe_tools.hardware.power import budget, duty, places, report  # noqa: PLC0415
    from xunhe_tools.hardware.power.loads import LINKS, of_cycle  # noqa: PLC0415

    way = LINKS[link]
    beyond_s = duty.beyond_of_counters(wakes, awake_s, way.seconds) if wakes else None
    buoy = budget.Buoy(panel_w, cell_ah, interval_s, alarm_h, beyond_s)
    try:
        chosen = {"file": places.read(climate)} if climate else places.CITIES
    except places.ClimateError as error:
        fail(str(error))
    names = [name for name in chosen if climate or city in ("all", name)]
    found = {
        name: (chosen[name], budget.simulate(buoy, way, chosen[name], seed, years))
        for name in names
    }
    if svg is not None:
        svg.write_text(report.plot(found, report.title(buoy, way)).svg(), "utf-8")
    if as_json:
        plain = {name: asdict(result) for name, (_, result) in found.items()}
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=1))
        return
    cycle = duty.of_interval(interval_s, way.seconds, beyond_s)
    _show_loads(of_cycle(cycle, way))
    for place, result in found.values():
        change = None if result.holds else budget.remedy(buoy, way, place, seed, years)
        _show_months(place.name, report.rows(result), report.bars(result))
        typer.echo(
            f"没有太阳可撑 / without sun: {result.days_without_sun:.0f} d；"
            f"{report.verdict(buoy, result, change)}\n{place.source}\n"
        )


def _show_loads(loads: "list[Load]") -> None:
    table = Table("每周期 a cycle", "W", "s", "J", "依据 source", title=_CALCULATED)
    for load in loads:
        table.add_row(
            load.name,
            f"{load.watts:.4f}",
            f"{load.seconds:.1f}",
            f"{load.joules():.2f}",
            load.source,
        )
    Console().print(table)


def _show_months(place: str, rows: list[tuple[str, str, str, str, str]], bars: str) -> None:
    table = Table(
        "月 month",
        "光 light, kWh/m²",
        "收 in, Wh/d",
        "支 out, Wh/d",
        "最低电量 lowest",
        title=f"{place}  {bars}",
    )
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@hardware_app.command("buoy")
def buoy(
    diameter_m: Annotated[float, typer.Option(help="浮体外径 / diameter")] = 0.90,
    well_m: Annotated[float, typer.Option(help="中央井直径 / well")] = 0.30,
    depth_m: Annotated[float, typer.Option(help="浮体高度 / depth")] = 0.35,
    ballast_kg: Annotated[float, typer.Option(min=0, help="压载 / ballast")] = 20.0,
    as_json: JsonOption = False,
) -> None:
    """浮标浮得稳不稳：干舷、稳心高、回复力臂 / freeboard, metacentric height, righting arm."""
    from xunhe.cli import fail  # noqa: PLC0415
    from xunhe_tools.hardware import floating, hull_mesh  # noqa: PLC0415

    try:
        hull = floating.Hull(diameter_m, well_m, depth_m)
        masses = floating.with_ballast(ballast_kg)
        afloat = floating.float_of(hull, masses)
        iced = floating.float_of(hull, (*masses, floating.ICE))
    except ValueError as error:
        fail(str(error))
    figures = {
        "mass_kg": afloat.mass_kg,
        "draught_m": afloat.draught_m,
        "freeboard_m": afloat.freeboard_m,
        "gm_m": afloat.gm_m,
        "gm_by_mesh_m": hull_mesh.righting_arm_m(hull, masses, 1) / math.sin(math.radians(1)),
        "gm_iced_m": iced.gm_m,
        "list_deg": floating.list_deg(afloat, masses),
        "heel_in_wind_deg": floating.heel_deg(afloat, floating.wind_moment_nm(afloat, 30)),
        "rim_under_deg": floating.deck_edge_deg(hull, afloat),
    }
    rounded = {name: round(value, 3) for name, value in figures.items()}
    if as_json:
        typer.echo(json.dumps(rounded, indent=1))
        return
    table = Table("指标 figure", "数值 value", title=_CALCULATED)
    for name, value in rounded.items():
        table.add_row(f"{floating.WORDS[name]} {name}", f"{value:g}")
    Console().print(table)


@hardware_app.command("camera")
def camera(
    width_px: Annotated[
        int, typer.Option(help="解码画面的宽 / width of the decoded picture")
    ] = 1280,
    height_px: Annotated[int, typer.Option(help="解码画面的高 / its height")] = 720,
    hfov_deg: Annotated[float, typer.Option(help="水平视角 / horizontal angle of view")] = 55.0,
    height_m: Annotated[float, typer.Option(help="离水面高度 / height over the water")] = 6.0,
    far_m: Annotated[float, typer.Option(min=1, help="要看到多远 / farthest water wanted")] = 40.0,
    as_json: JsonOption = False,
) -> None:
    """摄像机放哪里：每样东西在各距离上有几个像素 / pixels of each thing at each distance."""
    from xunhe.cli import fail  # noqa: PLC0415
    from xunhe_tools.hardware import optics  # noqa: PLC0415

    try:
        lens = optics.Camera(width_px, height_px, hfov_deg, height_m)
    except ValueError as error:
        fail(str(error))
    if as_json:
        typer.echo(json.dumps(optics.figures(lens, far_m), ensure_ascii=False, indent=1))
        return
    distances = optics.distances(far_m)
    table = Table(
        "东西 thing",
        *(f"{metres:g} m" for metres in distances),
        "看到 reach",
        title=_CALCULATED,
    )
    for name, length_m in optics.THINGS:
        pixels = [lens.pixels(length_m, metres) for metres in distances]
        cells = [f"{px:.0f} {optics.verdict(px)}" for px in pixels]
        table.add_row(name, *cells, f"{lens.reach_m(length_m, optics.LEAST_PX):.0f} m")
    Console().print(table)
    typer.echo(optics.LEGEND)
    typer.echo(
        f"俯角 tilt {lens.tilt_deg(far_m):.1f}°，看到 sees {lens.near_m(far_m):.1f}–{far_m:g} m，"
        f"{far_m:g} m 处宽 wide {lens.width_m(far_m):.1f} m，"
        f"水面压扁到 flattened to {lens.flattening(far_m):.0%}"
    )
