"""Indicators of water: names, units, codes, and what a sample of water can hold at all.

Which property has which code of HJ 212-2017 Table B.1 stands here alone; what the standard says of
its codes is in codecs/hj212/factors.py. Some have µg/L as their unit; the properties here are in
mg/L throughout.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indicator:
    """A property: `least` to `greatest` is what can be true of surface water, in `unit`."""

    prop: str
    name_zh: str
    name_en: str
    unit: str
    least: float
    greatest: float
    hj212: str = ""
    hj212_unit: str = ""
    aliases: tuple[str, ...] = ()


def _table_1(
    stem: str,
    name_zh: str,
    name_en: str,
    hj212: str,
    greatest: float,
    *aliases: str,
    hj212_unit: str = "mg/L",
) -> Indicator:
    """A concentration of GB 3838-2002 Table 1, mg/L."""
    prop = f"{stem}_mg_l"
    return Indicator(
        prop, name_zh, name_en, "mg/L", 0.0, greatest, hj212, hj212_unit, (stem, *aliases)
    )


_UG = "µg/L"

_ALL = (
    Indicator("water_temp_c", "水温", "water temperature", "°C", -2, 50, "w01010", "°C", ("温度",)),
    Indicator("ph", "pH", "pH", "", 0, 14, "w01001", "", ("ph值", "酸碱度")),
    _table_1("do", "溶解氧", "dissolved oxygen", "w01009", 25, "DO"),
    _table_1("codmn", "高锰酸盐指数", "permanganate index", "w01019", 1000, "CODMn"),
    _table_1("cod", "化学需氧量", "chemical oxygen demand", "w01018", 5000, "CODcr", "COD"),
    _table_1(
        "bod5", "五日生化需氧量", "biochemical oxygen demand", "w01017", 3000, "BOD5", "生化需氧量"
    ),
    _table_1("nh3n", "氨氮", "ammonia nitrogen", "w21003", 300, "NH3-N", "NH₃-N"),
    _table_1("tp", "总磷", "total phosphorus", "w21011", 100, "TP"),
    _table_1("tn", "总氮", "total nitrogen", "w21001", 500, "TN"),
    _table_1("copper", "铜", "copper", "w20138", 100, "Cu"),
    _table_1("zinc", "锌", "zinc", "w20139", 100, "Zn"),
    _table_1("fluoride", "氟化物", "fluoride", "w21017", 500, "F"),
    _table_1("selenium", "硒", "selenium", "w20140", 10, "Se"),
    _table_1("arsenic", "砷", "arsenic", "w20141", 10, "As"),
    _table_1("mercury", "汞", "mercury", "w20142", 0.5, "Hg", hj212_unit=_UG),
    _table_1("cadmium", "镉", "cadmium", "w20143", 5, "Cd", hj212_unit=_UG),
    _table_1("chromium6", "六价铬", "chromium(VI)", "w20117", 10, "Cr6+", "铬六价", hj212_unit=_UG),
    _table_1("lead", "铅", "lead", "w20144", 10, "Pb"),
    _table_1("cyanide", "氰化物", "cyanide", "w21016", 50, "CN"),
    _table_1("volatile_phenol", "挥发酚", "volatile phenol", "w23002", 50),
    _table_1("petroleum", "石油类", "petroleum", "w22001", 1000),
    _table_1("las", "阴离子表面活性剂", "anionic surfactants", "w19002", 100, "LAS"),
    _table_1("sulphide", "硫化物", "sulphide", "w21019", 100, "S2-"),
    Indicator(
        "faecal_coliforms_per_l",
        "粪大肠菌群",
        "faecal coliforms",
        "/L",
        0,
        1e11,
        "w02003",
        "/L",
    ),
    Indicator("transparency_cm", "透明度", "transparency", "cm", 0, 3000, aliases=("SD",)),
    Indicator("depth_cm", "水深", "depth of the water", "cm", 0, 30000),
    Indicator("orp_mv", "氧化还原电位", "redox potential", "mV", -1000, 1200, aliases=("ORP",)),
    Indicator(
        "conductivity_us_cm", "电导率", "conductivity", "µS/cm", 0, 200000, "w01014", "µS/cm"
    ),
    Indicator("turbidity_ntu", "浊度", "turbidity", "NTU", 0, 50000),
    Indicator("level_m", "水位", "water level", "m", -200, 6000),
    Indicator("discharge_m3_s", "流量", "discharge", "m³/s", -100000, 200000),
    Indicator("velocity_m_s", "流速", "velocity", "m/s", -15, 15),
    Indicator("rain_mm", "降雨量", "rainfall", "mm", 0, 2000, aliases=("雨量",)),
)
INDICATORS: dict[str, Indicator] = {indicator.prop: indicator for indicator in _ALL}

# 21 of Table 1 take part in the class of a section: all but temperature, total nitrogen and
# coliforms (环办〔2011〕22号, to be confirmed). Conductivity has a code and no limit.
EVALUATED: tuple[str, ...] = tuple(
    indicator.prop
    for indicator in _ALL
    if indicator.hj212
    and indicator.prop
    not in ("water_temp_c", "tn_mg_l", "faecal_coliforms_per_l", "conductivity_us_cm")
)


def names_zh(props: tuple[str, ...]) -> str:
    """Such as `pH、溶解氧、氨氮`."""
    return "、".join(INDICATORS[prop].name_zh for prop in props)


def names_en(props: tuple[str, ...]) -> str:
    """Such as `pH, dissolved oxygen, ammonia nitrogen`."""
    return ", ".join(INDICATORS[prop].name_en for prop in props)
