"""From quantities to channels: what the probes of a station say together. Pure.

Each quantity comes from one raw quantity of one probe; `sources` keeps which, so that the raw value
can stand beside the computed one.
"""

from xunhe_buoy import chemistry

# channel → (role, quantity) of the value that it is computed from, the first that is known
_SOURCES = {
    "water_temp_c": (
        ("temperature", "temp_c"),
        ("ph", "temp_c"),
        ("oxygen", "temp_c"),
        ("ammonium", "temp_c"),
        ("outfall", "temp_c"),
    ),
    "ph": (("ph", "ph"),),
    "do_mg_l": (("oxygen", "do_mg_l"), ("oxygen", "do_fraction")),
    "nh3n_mg_l": (("ammonium", "nh4_n_mg_l"),),
    "level_m": (("outfall", "level_m"),),
    "flow_l_s": (("outfall", "flow_l_s"), ("outfall", "level_m")),
}


class Conditions:
    """What the equations need and no probe measures."""

    def __init__(self, salinity_psu=0.0, pressure_kpa=chemistry.ATM_KPA):
        self.salinity_psu = salinity_psu
        self.pressure_kpa = pressure_kpa
        self.are_standard = salinity_psu == 0 and pressure_kpa == chemistry.ATM_KPA


def temperature(readings):
    """The water's temperature by the best witness, °C, or None: {role: {quantity: value}}."""
    return _known(readings, _SOURCES["water_temp_c"])[1]


def compute(readings, conditions):
    """({channel: value or None}, {channel: (role, quantity)}) of what the probes said."""
    values, sources = {}, {}
    for channel in _RIVER + (_OUTFALL if "outfall" in readings else ()):
        if channel in _COMPUTED:
            sources[channel], values[channel] = _COMPUTED[channel](readings, conditions)
        else:
            sources[channel], values[channel] = _known(readings, _SOURCES[channel])
    return values, sources


def _do_mg_l(readings, conditions):
    """The probe's own mg/L, good for fresh water at sea level; elsewhere from its saturation.

    Older probes give 0 or below where they give no mg/L.
    """
    by_probe, by_saturation = _SOURCES["do_mg_l"]
    oxygen = readings.get("oxygen", {})
    do_mg_l, fraction = oxygen.get("do_mg_l"), oxygen.get("do_fraction")
    own_is_good = do_mg_l is not None and do_mg_l > 0
    if own_is_good and (conditions.are_standard or fraction is None):
        return by_probe, do_mg_l
    temp_c = oxygen.get("temp_c")  # at the membrane, if known
    if temp_c is None:
        temp_c = temperature(readings)
    if fraction is None or temp_c is None:
        return by_saturation, None
    return by_saturation, chemistry.do_mg_l_from_fraction(
        max(0.0, fraction), temp_c, conditions.salinity_psu, conditions.pressure_kpa
    )


def _nh3n_mg_l(readings, conditions):
    """Total ammonia N; the ammonium probe's own pH electrode is good enough to correct by."""
    ammonium = readings.get("ammonium", {})
    source, nh4_n_mg_l = _known(readings, _SOURCES["nh3n_mg_l"])
    _, ph = _known(readings, (("ph", "ph"), ("ammonium", "ph")))
    temp_c = temperature(readings)
    if nh4_n_mg_l is None or ph is None or temp_c is None:
        return source, None
    potassium_mg_l = ammonium.get("potassium_mg_l")
    if potassium_mg_l is not None:
        nh4_n_mg_l = chemistry.without_potassium_mg_l(nh4_n_mg_l, potassium_mg_l)
    return source, chemistry.total_ammonia_mg_l(max(0.0, nh4_n_mg_l), ph, temp_c)


def _flow_l_s(readings, conditions):
    """The meter's own flow, or by the rating curve a·(h − h0)^b where it measures level only."""
    outfall = readings["outfall"]
    by_meter, by_level = _SOURCES["flow_l_s"]
    if outfall.get("flow_l_s") is not None:
        return by_meter, outfall["flow_l_s"]
    level_m, rating = outfall.get("level_m"), outfall.get("rating")
    if level_m is None or rating is None:
        return by_level, None
    a, h0_m, b = rating
    return by_level, a * max(0.0, level_m - h0_m) ** b


def _known(readings, sources):
    """The first (source, value) that is known; the first source and None where none is."""
    for role, quantity in sources:
        value = readings.get(role, {}).get(quantity)
        if value is not None:
            return (role, quantity), value
    return sources[0], None


_RIVER = ("water_temp_c", "ph", "do_mg_l", "nh3n_mg_l")
_OUTFALL = ("level_m", "flow_l_s")
# Channels that are more than the first known quantity of _SOURCES.
_COMPUTED = {"do_mg_l": _do_mg_l, "nh3n_mg_l": _nh3n_mg_l, "flow_l_s": _flow_l_s}
