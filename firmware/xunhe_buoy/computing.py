"""From what the probes said to channels: calibrate each, then put them together."""

from xunhe_buoy import channels
from xunhe_buoy.calibration import Calibrations, corrected


def compute_with(path, say, found, settings):
    """As `compute`, with the calibrations in a file."""
    return compute(found, Calibrations(path, say), settings)


def temperature_with(path, say, found):
    """As `temperature`, with the calibrations in a file."""
    return temperature(found, Calibrations(path, say))


def compute(found, calibrations, settings):
    """({channel: value}, {"<probe>.<quantity>": raw}, {channel: key of what it was computed from}).

    `found`: as Sampler.read gives it.
    """
    water_temp_c = temperature(found, calibrations)
    raw, readings, origins = {}, {}, {}
    for name, _, role, values, constants in found:
        own_temp_c = values.get("temp_c")
        temp_c = water_temp_c if own_temp_c is None else own_temp_c
        readings[role], came_from = corrected(values, calibrations.each(name), temp_c)
        readings[role].update(constants)
        origins[role] = name, came_from
        raw.update({"%s.%s" % (name, quantity): value for quantity, value in values.items()})
    conditions = channels.Conditions(settings.salinity_psu, settings.pressure_kpa)
    computed, sources = channels.compute(readings, conditions)
    return computed, raw, _keys(sources, origins)


def temperature(found, calibrations):
    """The water's temperature, calibrated; None where no probe that was read knows it."""
    readings = {}
    for name, _, role, values, _ in found:
        kept = [one for one in calibrations.each(name) if one.quantity == "temp_c"]
        readings[role], _ = corrected(values, kept, None)
    return channels.temperature(readings)


def _keys(sources, origins):
    """{channel: key into raw} of {channel: (role, quantity)}, as far as the role has a probe."""
    keys = {}
    for channel, (role, quantity) in sources.items():
        if role in origins:
            name, came_from = origins[role]
            keys[channel] = "%s.%s" % (name, came_from.get(quantity, quantity))
    return keys
