"""Pages of tables made from data: pins, test points, power, floating, cameras, computers."""

from collections.abc import Iterable, Sequence

from hardware.controller.netlist import Netlist
from hardware.data import rows
from xunhe_tools.hardware import floating, hull_mesh, optics
from xunhe_tools.hardware.power import budget, duty, loads, places, report

_HEAD = "<!-- 由 make hardware 生成，勿改 / made by make hardware, do not edit -->\n\n"
_CALCULATED = (
    "以下全部是计算值，没有一个是实测。\nAll of this is calculated, none of it measured.\n\n"
)

# `xunhe bench vision` on two x86-64 cores, as the README has it.
MEASURED_CAMERAS, MEASURED_CORES, MIB_PER_CAMERA, BUSY_PER_CORE = 32, 2, 43, 3
_KEPT_FREE = 0.30  # for the desk, the store, a bad day
_BASE_GIB = 2.0


def pins(netlist: Netlist) -> str:
    """GPIO by GPIO, with the module's pad and what else hangs on the net."""
    lines = []
    for file, driven in (("pins.csv", "是 yes"), ("pins_reserved.csv", "尚无 not yet")):
        for row in rows(file):
            others = sorted({ref for ref, _ in netlist.nets[row["net"]]} - {"U301"})
            pad = next(pin for ref, pin in netlist.nets[row["net"]] if ref == "U301")
            lines.append(
                (f"`{row['net']}`", row["gpio"], pad, row["function"], " ".join(others), driven)
            )
    head = ("网络 net", "GPIO", "焊盘 pad", "功能 function", "还接 also on", "固件 firmware")
    return _HEAD + "# 引脚 / Pins\n\n" + _table(head, lines)


def test_points(netlist: Netlist) -> str:
    """Every pad with what it must show. Raises KeyError where test_points.csv lacks a net."""
    expected = {row["net"]: row for row in rows("test_points.csv")}
    lines = []
    for component in netlist.components:
        if component.symbol == "TP" and component.value != "GND":
            row = expected[component.value]
            lines.append((component.ref, f"`{row['net']}`", row["expected"], row["how"], ""))
    head = ("测试点 point", "网络 net", "应为 expected", "方法 how", "实测 measured")
    return _HEAD + "# 测试点 / Test points\n\n" + _CALCULATED + _table(head, lines)


def power() -> str:
    """The default buoy in three cities."""
    buoy, link = budget.Buoy(), loads.LINKS["4g"]
    return "".join(
        (
            _HEAD + "# 供电 / Power\n\n" + _CALCULATED,
            f"{buoy.panel_w:g} W, {buoy.cell_ah:g} Ah, {buoy.interval_s:g} s, {link.name},"
            f" {buoy.alarm_h:g} h 报警 alarm，20 年天气 years of weather，种子 seed 1\n\n",
            _cycle(buoy, link),
            "\n![](power.svg)\n",
            *(_place(buoy, link, climate) for climate in places.CITIES.values()),
        )
    )


def _cycle(buoy: budget.Buoy, link: loads.Link) -> str:
    cycle = duty.of_interval(buoy.interval_s, link.seconds)
    lines = [
        (load.name, f"{load.watts:.4f}", f"{load.seconds:.1f}", f"{load.joules():.2f}", load.source)
        for load in loads.of_cycle(cycle, link)
    ]
    return _table(("每周期 a cycle", "W", "s", "J", "依据 source"), lines)


def _place(buoy: budget.Buoy, link: loads.Link, climate: places.Climate) -> str:
    found = budget.simulate(buoy, link, climate)
    change = None if found.holds else budget.remedy(buoy, link, climate)
    head = ("月 month", "光 light, kWh/m²", "收 in, Wh/d", "支 out, Wh/d", "最低 lowest")
    return (
        f"\n## {climate.name}\n\n{_table(head, report.rows(found))}"
        f"\n没有太阳可撑 without sun: {found.days_without_sun:.0f} d。"
        f"{report.verdict(buoy, found, change)}。\n\n{climate.source}\n"
    )


def afloat() -> str:
    """Masses, equilibrium by formula, righting arms by mesh."""
    hull, masses = floating.Hull(), floating.MASSES
    found = floating.float_of(hull, masses)
    iced = floating.float_of(hull, (*masses, floating.ICE))
    wind = floating.heel_deg(found, floating.wind_moment_nm(found, 30))
    figures = [
        ("排水量 mass", f"{found.mass_kg:.1f} kg"),
        ("吃水 draught", f"{found.draught_m:.3f} m"),
        ("干舷 freeboard", f"{found.freeboard_m:.3f} m"),
        (
            "重心、浮心 centres of gravity, buoyancy",
            f"{found.gravity_m:.3f}, {found.buoyancy_m:.3f} m",
        ),
        ("稳心高 GM", f"{found.gm_m:.3f} m"),
        ("桅杆结冰 10 kg 后 GM with ice", f"{iced.gm_m:.3f} m"),
        ("静水中的倾斜 list in calm water", f"{abs(floating.list_deg(found, masses)):.1f}°"),
        ("30 m/s 风中倾角 heel in wind", f"{wind:.1f}°"),
        ("边缘入水角 rim under at", f"{floating.deck_edge_deg(hull, found):.1f}°"),
    ]
    arms = [
        (f"{angle}°", f"{hull_mesh.righting_arm_m(hull, masses, angle):.3f} m")
        for angle in (1, 10, 20, 30, 45, 60, 75, 90)
    ]
    weights = [(each.name, f"{each.kg:g}", f"{each.height_m:g}") for each in masses]
    return "".join(
        (
            _HEAD + "# 浮体 / Floating\n\n" + _CALCULATED,
            _table(("部件 part", "kg", "重心高 centre over the bottom, m"), weights),
            "\n",
            _table(("公式 by formula", ""), figures),
            "\n网格积分的回复力臂，大于 0 即能扶正 / righting arm by mesh; above 0 it rights\n\n",
            _table(("倾角 heel", "力臂 arm"), arms),
        )
    )


def cameras() -> str:
    """Pixels at distances for three decoded pictures on a mast of 6 m."""
    parts = [_HEAD + "# 摄像机距离 / Distances of cameras\n\n" + _CALCULATED]
    for width, height in ((640, 360), (1280, 720), (1920, 1080)):
        lens = optics.Camera(width, height, 55.0, 6.0)
        steps = optics.distances(40)
        lines = [
            (
                name,
                *(f"{lens.pixels(size, metres):.0f}" for metres in steps),
                f"{lens.reach_m(size, optics.GOOD_PX):.0f} m",
                f"{lens.reach_m(size, optics.LEAST_PX):.0f} m",
            )
            for name, size in optics.THINGS
        ]
        head = (
            "东西 thing",
            *(f"{metres:g} m" for metres in steps),
            f"≥ {optics.GOOD_PX:g} px",
            f"≥ {optics.LEAST_PX:g} px",
        )
        parts.append(f"## {width} × {height}，55°，6 m\n\n{_table(head, lines)}\n")
    return "".join(parts).rstrip() + "\n"


def computers() -> str:
    """Cameras a class of computer is expected to hold, scaled from the measured machine."""
    lines = []
    for row in rows("gateway_classes.csv"):
        cores = int(row["cores"]) * float(row["core_factor"])
        quiet = int(cores * MEASURED_CAMERAS / MEASURED_CORES * (1 - _KEPT_FREE))
        fits = int((float(row["ram_gib"]) - _BASE_GIB) * 1024 / MIB_PER_CAMERA)
        busy = int(cores * BUSY_PER_CORE * (1 - _KEPT_FREE))
        names = (row["class"], row["example"], row["cores"], row["core_factor"])
        lines.append((*names, str(min(quiet, fits)), str(busy), row["watts"]))
    head = (
        "级别 class",
        "例 example",
        "核 cores",
        "每核系数（假定）core factor (assumed)",
        "平静路数 quiet cameras",
        "同时繁忙 busy at once",
        "W",
    )
    return _HEAD + "# 计算机 / Computers\n\n" + _CALCULATED + _table(head, lines)


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    whole = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in whole)
