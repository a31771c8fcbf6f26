"""The configuration's list of probes, checked. A probe is configuration, not code:

    {"model": "Y504", "address": 1}                      Modbus; "baud" where it was changed
    {"model": "EZO-pH"}                                  I2C; "address" where it was changed
    {"model": "DS18B20", "rom": "28…"}                   1-Wire; "rom" where several share the bus
    {"model": "modbus", "role": "outfall", "address": 9, "function": 3,
     "registers": [{"register": 0, "type": "float", "quantity": "level_m"}, …],
     "rating": {"a": 1400, "h0_m": 0.05, "b": 2.5}}      drivers/register_map.py

"name" renames any; "potassium_mg_l" tells an ammonium electrode what disturbs it.
"""

from xunhe_buoy.checks import (
    ConfigError,
    entries,
    hex_bytes,
    know_all,
    number,
    required,
    text,
    whole,
)
from xunhe_buoy.drivers import FAMILIES

BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
ROLES = ("oxygen", "ph", "ammonium", "temperature", "outfall")
_MODBUS_KEYS = ("model", "name", "address", "baud", "potassium_mg_l")
_MAP_KEYS = ("role", "function", "registers", "rating", "warm_up_ms", "stabilise_ms", "measure_ms")
_KEYS = {
    "atlas_ezo": ("model", "name", "address"),
    "ds18b20": ("model", "name", "rom"),
    "register_map": _MODBUS_KEYS + _MAP_KEYS,
}
_ALONE = ("atlas_ezo", "ds18b20")  # families with a bus of their own, one of a model
_REGISTER_KEYS = ("register", "type", "quantity", "divisor")
_RATING_KEYS = ("a", "h0_m", "b")


def probe_entries(config):
    """The checked probes as a tuple of dicts; ConfigError names the key."""
    probes = tuple(_entry(entry) for entry in entries(config, "probes"))
    _all_differ([entry["name"] for entry in probes], "a name")
    _all_differ([_place(entry) for entry in probes], "an address")
    return probes


def _all_differ(values, what):
    if len(set(values)) != len(values):
        raise ConfigError("probes: two probes share %s; give each its own" % what)


def _place(entry):
    """Bus and address; a thermometer without ROM is alone on its bus."""
    family = FAMILIES[entry["model"]]
    bus = family if family in _ALONE else "modbus"
    return bus, entry.get("address", entry.get("rom"))


def _entry(config):
    if not isinstance(config, dict):
        raise ConfigError("probes: each must be a JSON object")
    model = text(config, "model")
    if model not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise ConfigError("probes.model %r is not known; use one of %s" % (model, known))
    family = FAMILIES[model]
    know_all(config, _KEYS.get(family, _MODBUS_KEYS), "probes.")
    entry = {"model": model, "constants": {}}
    _CHECKS.get(family, _modbus)(entry, config)
    default = "%s@%d" % (model, entry["address"]) if family not in _ALONE else model
    entry["name"] = _name(config, default)
    return entry


def _i2c(entry, config):
    """The address is optional: the driver knows the factory's."""
    from xunhe_buoy.drivers.atlas_ezo import ADDRESSES

    entry["address"] = whole(config, "address", 0x08, 0x77, ADDRESSES[entry["model"]])


def _onewire(entry, config):
    if "rom" in config:
        hex_bytes(config, "rom", 8)
        entry["rom"] = config["rom"].lower()


def _modbus(entry, config):
    entry["address"] = whole(config, "address", 1, 247)
    if "baud" in config:
        entry["baud"] = whole(config, "baud", BAUDS[0], BAUDS[-1])
        if entry["baud"] not in BAUDS:
            raise ConfigError("probes.baud is %d; use one of %s" % (entry["baud"], BAUDS))
    if "potassium_mg_l" in config:
        entry["constants"]["potassium_mg_l"] = number(config, "potassium_mg_l", 0, 1000)


def _register_map(entry, config):
    _modbus(entry, config)
    entry["role"] = _one_of(config, "role", ROLES)
    entry["function"] = whole(config, "function", 3, 4, 3)
    entry["registers"] = tuple(_register(row) for row in entries(config, "registers"))
    for key, default in (("warm_up_ms", 3000), ("stabilise_ms", 10000), ("measure_ms", 1000)):
        entry[key] = whole(config, key, 0, 120000, default)
    if "rating" in config:
        rating = config["rating"]
        know_all(rating, _RATING_KEYS, "probes.rating.")
        entry["constants"]["rating"] = (
            number(rating, "a", 0, 1000000),
            number(rating, "h0_m", -100, 100, 0.0),
            number(rating, "b", 0, 5, 1.5),
        )


def _register(row):
    from xunhe_buoy.drivers.probe import PLAUSIBLE
    from xunhe_buoy.drivers.register_map import TYPES

    know_all(row, _REGISTER_KEYS, "probes.registers.")
    divisor = number(row, "divisor", 0, 1000000, 1)
    if divisor == 0:
        raise ConfigError("probes.registers.divisor must not be 0")
    return {
        "register": whole(row, "register", 0, 0xFFFF),
        "type": _one_of(row, "type", sorted(TYPES)),
        "quantity": _one_of(row, "quantity", sorted(PLAUSIBLE)),
        "divisor": divisor,
    }


def _one_of(config, key, known):
    value = required(config, key)
    if value not in known:
        raise ConfigError("%s %r is not known; use one of %s" % (key, value, ", ".join(known)))
    return value


def _name(config, default):
    if "name" not in config:
        return default
    name = text(config, "name")
    if len(name) > 24 or "." in name:
        raise ConfigError("probes.name %r: at most 24 characters and no dot" % name)
    return name


_CHECKS = {"atlas_ezo": _i2c, "ds18b20": _onewire, "register_map": _register_map}
