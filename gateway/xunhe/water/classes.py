"""GB 3838-2002, Table 1: the class of one indicator, and the worst of several (单因子评价).

Limits are inclusive: a value at a limit has the better class. Concentrations in mg/L (faecal
coliforms per litre). Where two classes share a limit the value gets the better one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xunhe.domain.classes import WaterBody, WaterClass
from xunhe.water.indicators import EVALUATED, names_en, names_zh

FiveLimits = tuple[float, float, float, float, float]

# Upper limits of Ⅰ … Ⅴ; phosphorus as in rivers.
UPPER_LIMITS: dict[str, FiveLimits] = {
    "codmn_mg_l": (2, 4, 6, 10, 15),
    "cod_mg_l": (15, 15, 20, 30, 40),
    "bod5_mg_l": (3, 3, 4, 6, 10),
    "nh3n_mg_l": (0.15, 0.5, 1.0, 1.5, 2.0),
    "tp_mg_l": (0.02, 0.1, 0.2, 0.3, 0.4),
    "copper_mg_l": (0.01, 1.0, 1.0, 1.0, 1.0),
    "zinc_mg_l": (0.05, 1.0, 1.0, 2.0, 2.0),
    "fluoride_mg_l": (1.0, 1.0, 1.0, 1.5, 1.5),
    "selenium_mg_l": (0.01, 0.01, 0.01, 0.02, 0.02),
    "arsenic_mg_l": (0.05, 0.05, 0.05, 0.1, 0.1),
    "mercury_mg_l": (0.00005, 0.00005, 0.0001, 0.001, 0.001),
    "cadmium_mg_l": (0.001, 0.005, 0.005, 0.005, 0.01),
    "chromium6_mg_l": (0.01, 0.05, 0.05, 0.05, 0.1),
    "lead_mg_l": (0.01, 0.01, 0.05, 0.05, 0.1),
    "cyanide_mg_l": (0.005, 0.05, 0.2, 0.2, 0.2),
    "volatile_phenol_mg_l": (0.002, 0.002, 0.005, 0.01, 0.1),
    "petroleum_mg_l": (0.05, 0.05, 0.05, 0.5, 1.0),
    "las_mg_l": (0.2, 0.2, 0.2, 0.3, 0.3),
    "sulphide_mg_l": (0.05, 0.1, 0.2, 0.5, 1.0),
    "faecal_coliforms_per_l": (200, 2000, 10000, 20000, 40000),
}

# What lakes and reservoirs have of their own; nitrogen has limits there only.
LAKE_LIMITS: dict[str, FiveLimits] = {
    "tp_mg_l": (0.01, 0.025, 0.05, 0.1, 0.2),
    "tn_mg_l": (0.2, 0.5, 1.0, 1.5, 2.0),
}

# Lower limits of Ⅰ … Ⅴ. A saturation of 90 % admits to Ⅰ as well.
DO_LIMITS_MG_L = (7.5, 6.0, 5.0, 3.0, 2.0)
DO_CLASS_I_SATURATION = 0.9

PH_LIMITS = (6.0, 9.0)  # the same for every class

# Water temperature has no class: only what people change of it counts, as a mean over the week.
MAN_MADE_FALL_C, MAN_MADE_RISE_C = 2.0, 1.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """The class by the worst of the indicators that were measured.

    `properties` are those judged, `worst` those that decide. Never a full class of the section:
    the label says how many indicators it rests on.
    """

    water_class: WaterClass
    properties: tuple[str, ...]
    worst: tuple[str, ...]

    @property
    def label(self) -> str:
        """Such as `Ⅲ类 · 单因子（3项）`."""
        return f"{self.water_class.label}类 · 单因子（{len(self.properties)}项）"

    @property
    def basis_zh(self) -> str:
        """What it rests on, such as `单因子（3项：pH、溶解氧、氨氮）`."""
        return f"单因子（{len(self.properties)}项：{names_zh(self.properties)}）"

    @property
    def basis_en(self) -> str:
        """The same in English."""
        return f"by {len(self.properties)} single indicators: {names_en(self.properties)}"


def class_of(
    prop: str,
    value: float,
    *,
    body: WaterBody = WaterBody.RIVER,
    do_saturation_fraction: float | None = None,
) -> WaterClass | None:
    """Class of one indicator; None where Table 1 gives it no class (such as water temperature).

    `do_saturation_fraction` is DO over its saturation at the water's temperature, if known.
    """
    if prop == "ph":
        # GB 3838 has one range for all classes; outside it none admits (to be confirmed).
        return WaterClass.I if PH_LIMITS[0] <= value <= PH_LIMITS[1] else WaterClass.WORSE_THAN_V
    if prop == "do_mg_l":
        if do_saturation_fraction is not None and do_saturation_fraction >= DO_CLASS_I_SATURATION:
            return WaterClass.I
        return _first(value >= limit for limit in DO_LIMITS_MG_L)
    limits = _upper_limits(prop, body)
    return None if limits is None else _first(value <= limit for limit in limits)


def single_factor(
    values: Mapping[str, float],
    *,
    body: WaterBody = WaterBody.RIVER,
    do_saturation_fraction: float | None = None,
) -> Judgement | None:
    """Judgement over those of the 21 evaluated indicators that are in `values`; None for none."""
    classes = {
        prop: water_class
        for prop, value in values.items()
        if prop in EVALUATED
        and (
            water_class := class_of(
                prop, value, body=body, do_saturation_fraction=do_saturation_fraction
            )
        )
    }
    if not classes:
        return None
    worst = max(classes.values())
    deciding = tuple(prop for prop, water_class in classes.items() if water_class == worst)
    return Judgement(worst, tuple(classes), deciding)


def limit(prop: str, target: WaterClass, body: WaterBody = WaterBody.RIVER) -> float | None:
    """The limit of a class for one indicator; None for pH, which has a range, and for 劣Ⅴ."""
    limits = DO_LIMITS_MG_L if prop == "do_mg_l" else _upper_limits(prop, body)
    return limits[target - 1] if limits and target <= WaterClass.V else None


def admits_temperature_change(weekly_mean_change_c: float) -> bool:
    """Is a man-made change of the weekly mean allowed, as in every class: -2 to +1 °C?"""
    return -MAN_MADE_FALL_C <= weekly_mean_change_c <= MAN_MADE_RISE_C


def _upper_limits(prop: str, body: WaterBody) -> FiveLimits | None:
    own = LAKE_LIMITS if body is WaterBody.LAKE else {}
    return own.get(prop, UPPER_LIMITS.get(prop))


def _first(admitted: Iterable[bool]) -> WaterClass:
    for water_class, is_admitted in zip(WaterClass, admitted, strict=False):
        if is_admitted:
            return water_class
    return WaterClass.WORSE_THAN_V
