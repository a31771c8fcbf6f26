"""What a buoy must be told, checked at the edge: an error names the key and says what to do."""

from xunhe_buoy import chemistry
from xunhe_buoy.drivers.yosemitech import MODELS

_KEYS = (
    "station",
    "device",
    "key",
    "broker",
    "sample_interval_s",
    "batch",
    "probes",
    "salinity_psu",
    "pressure_kpa",
    "virtual",  # the virtual board reads it; a real board has no such section
)
_BROKER_KEYS = ("host", "port", "user", "password")
_PROBE_KEYS = ("model", "address")


class ConfigError(ValueError):
    """A setting that cannot be used."""


class Settings:
    """Checked settings: `device` 6 bytes, `key` 32 bytes, `probes` ((model, address), …)."""

    def __init__(self, config):
        _know_all(config, _KEYS, "")
        self.station = _topic_level(config, "station")
        self.device = _hex(config, "device", 6)
        self.key = _hex(config, "key", 32)
        self.sample_interval_s = _whole(config, "sample_interval_s", 10, 3600)
        self.batch = _whole(config, "batch", 1, 40, 1)
        self.salinity_psu = _number(config, "salinity_psu", 0, 42, 0.0)
        self.pressure_kpa = _number(config, "pressure_kpa", 50, 110, chemistry.ATM_KPA)
        self.broker = Broker(_section(config, "broker"))
        self.probes = tuple(_probe(probe) for probe in _list(config, "probes"))
        addresses = [address for _, address in self.probes]
        if len(set(addresses)) != len(addresses):
            raise ConfigError("probes: two probes share an address; give each its own")


class Broker:
    def __init__(self, config):
        _know_all(config, _BROKER_KEYS, "broker.")
        self.host = _text(config, "host")
        self.port = _whole(config, "port", 1, 65535, 1883)
        self.user = config.get("user")
        self.password = config.get("password")


def _probe(config):
    _know_all(config, _PROBE_KEYS, "probes.")
    model = _text(config, "model")
    if model not in MODELS:
        known = ", ".join(sorted(MODELS))
        raise ConfigError("probes.model %r is not known; use one of %s" % (model, known))
    return model, _whole(config, "address", 1, 247)


def _know_all(config, keys, where):
    if not isinstance(config, dict):
        raise ConfigError("%s must be a JSON object" % (where[:-1] or "the configuration"))
    for key in config:
        if key not in keys:
            raise ConfigError("%s%s is not a setting; known: %s" % (where, key, ", ".join(keys)))


def _required(config, key):
    if config.get(key) is None:
        raise ConfigError("%s is missing; add it to the configuration" % key)
    return config[key]


def _section(config, key):
    return _required(config, key)


def _list(config, key):
    value = _required(config, key)
    if not isinstance(value, list) or not value:
        raise ConfigError("%s must be a list with at least one entry" % key)
    return value


def _text(config, key):
    value = _required(config, key)
    if not isinstance(value, str) or not value:
        raise ConfigError("%s must be text" % key)
    return value


def _topic_level(config, key):
    value = _text(config, key)
    for c in "/+#. \0":  # dots inside a topic level make trouble in NATS 2.9
        if c in value:
            raise ConfigError("%s %r: leave out %r, it names an MQTT topic level" % (key, value, c))
    return value


def _hex(config, key, size):
    """Bytes; the message never shows the value, because the key is a secret."""
    text = _text(config, key)
    try:
        value = bytes.fromhex(text)
    except ValueError:
        value = b""
    if len(value) != size or len(text) != 2 * size:
        raise ConfigError("%s must be %d hex digits" % (key, 2 * size))
    return value


def _number(config, key, low, high, default=None):
    value = config.get(key, default)
    if value is None:
        value = _required(config, key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ConfigError("%s is %r; give a number from %d to %d" % (key, value, low, high))
    return value


def _whole(config, key, low, high, default=None):
    value = _number(config, key, low, high, default)
    if not isinstance(value, int):
        raise ConfigError("%s is %r; give a whole number" % (key, value))
    return value
