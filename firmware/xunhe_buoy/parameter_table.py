"""Parameters: what the gateway or a technician may change on a buoy that floats. Pure.

interval         sample_interval_s, alarm_interval_s, low_battery_interval_s,
                 storage_interval_s, diagnostic_interval_s, gnss_interval_s: whole seconds
sending          batch: readings that go together
water            salinity_psu, pressure_kpa
alarm            alarm_…: thresholds and changes within an hour; null switches one off;
                 alarm_hold: calm readings after which an alarm is over
battery          low_battery_v, battery_ok_v: into the low-battery mode and out of it
anchor           anchor_lat, anchor_lon (WGS-84 degrees), anchor_radius_m; null: not watched
mode             "normal" or "storage"
"""

from xunhe_buoy import chemistry
from xunhe_buoy.checks import ConfigError

MODES = ("normal", "storage")

# name → (lowest, greatest, default or None, whole numbers only)
NUMBERS: dict[str, tuple[float, float, float | None, bool]] = {
    "sample_interval_s": (10, 3600, None, True),
    "alarm_interval_s": (10, 3600, 60, True),
    "low_battery_interval_s": (60, 86400, 3600, True),
    "storage_interval_s": (600, 604800, 86400, True),
    "diagnostic_interval_s": (600, 86400, 3600, True),
    "gnss_interval_s": (300, 86400, 3600, True),
    "batch": (1, 40, 1, True),
    "salinity_psu": (0, 42, 0.0, False),
    "pressure_kpa": (50, 110, chemistry.ATM_KPA, False),
    "alarm_do_low_mg_l": (0, 20, None, False),
    "alarm_do_fall_mg_l": (0.1, 20, None, False),
    "alarm_nh3n_high_mg_l": (0, 130, None, False),
    "alarm_nh3n_rise_mg_l": (0.1, 130, None, False),
    "alarm_ph_low": (0, 14, None, False),
    "alarm_ph_high": (0, 14, None, False),
    "alarm_temp_high_c": (0, 50, None, False),
    "alarm_hold": (1, 20, 3, True),
    # Hardware revision A: one LiFePO4 cell. Typical of that chemistry, not of a data sheet: a flat
    # 3.2 to 3.3 V for most of the charge, the knee below 3.1 V, empty at 2.5 V.
    "low_battery_v": (2.5, 30, 3.10, False),
    "battery_ok_v": (2.5, 30, 3.25, False),
    "anchor_lat": (-90, 90, None, False),
    "anchor_lon": (-180, 180, None, False),
    "anchor_radius_m": (10, 2000, 60, True),
}
_REQUIRED = ("sample_interval_s",)
NAMES = tuple(NUMBERS) + ("mode",)


def first_values(config: dict[str, object]) -> dict[str, object]:
    """Every parameter as the configuration gives it, or its default; ConfigError where wrong."""
    found = {name: _first_value(config, name) for name in NAMES}
    check_together(found)
    return found


def _first_value(config: dict[str, object], name: str) -> object:
    value = config.get(name)
    if value is not None:
        return checked(name, value)
    if name in _REQUIRED:
        raise ConfigError("%s is missing; add it to the configuration" % name)
    return MODES[0] if name == "mode" else NUMBERS[name][2]


def values(settings: object) -> dict[str, object]:
    """Every parameter as the settings hold it."""
    return {name: getattr(settings, name) for name in NAMES}


def changed(
    settings: object, changes: dict[str, object], only_known: bool = False
) -> dict[str, object]:
    """The changes, checked one by one and together with what the settings hold; ConfigError.

    `only_known` passes over names that this version does not know.
    """
    found = {n: checked(n, v) for n, v in changes.items() if n in NAMES or not only_known}
    together = values(settings)
    together.update(found)
    check_together(together)
    return found


def checked(name: str, value: object) -> object:
    """The value; ConfigError says what is wrong with it. None is right where it means "off"."""
    if name == "mode":
        if value not in MODES:
            raise ConfigError("mode is %r; use one of %s" % (value, ", ".join(MODES)))
        return value
    if name not in NUMBERS:
        raise ConfigError("%s is not a parameter; known: %s" % (name, ", ".join(NAMES)))
    low, high, default, is_whole = NUMBERS[name]
    if value is None and default is None and name not in _REQUIRED:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ConfigError("%s is %r; give a number from %s to %s" % (name, value, low, high))
    if is_whole and not isinstance(value, int):
        raise ConfigError("%s is %r; give a whole number" % (name, value))
    return value


def check_together(together: dict[str, object]) -> None:
    """ConfigError where parameters contradict each other."""
    low_v, ok_v = together["low_battery_v"], together["battery_ok_v"]
    if not low_v < ok_v:  # type: ignore[operator]
        raise ConfigError("low_battery_v must be below battery_ok_v: the mode would flutter")
    if (together["anchor_lat"] is None) != (together["anchor_lon"] is None):
        raise ConfigError("anchor_lat and anchor_lon belong together: give both or neither")
