"""What a buoy must be told, checked at the edge: an error names the key and says what to do."""

from xunhe_buoy import parameter_table
from xunhe_buoy.checks import (
    ConfigError,
    hex_bytes,
    know_all,
    required,
    text,
    topic_level,
    whole,
)
from xunhe_buoy.probe_config import probe_entries
from xunhe_buoy.update.trusted import update_keys
from xunhe_buoy.uplink_config import TlsSettings, UplinkSettings

__all__ = ["ConfigError", "Settings"]

_KEYS = (
    "station",
    "device",
    "key",
    "broker",
    "probes",
    "gnss",
    "uplink",
    "update",
    "virtual",  # the virtual board reads it; a real board has no such section
) + parameter_table.NAMES
_BROKER_KEYS = ("host", "port", "user", "password", "tls")


def read(config, section):
    """The checked settings as objects of the class `section`: these need nothing from here."""
    return _plain(Settings(config), section)


class Settings:
    """Checked settings: `device` 6 bytes, `key` 32 bytes, `probes` dicts (probe_config.py).

    `has_gnss` says that a receiver is built in. Parameters (parameter_table.py) are attributes.
    """

    def __init__(self, config):
        know_all(config, _KEYS, "")
        self.station = topic_level(config, "station")
        self.device = hex_bytes(config, "device", 6)
        self.key = hex_bytes(config, "key", 32)
        for name, value in parameter_table.first_values(config).items():
            setattr(self, name, value)
        self.broker = Broker(required(config, "broker"))
        self.uplink = UplinkSettings(config.get("uplink") or {})
        self.update_keys = update_keys(config.get("update"))
        self.probes = probe_entries(config)
        self.has_gnss = bool(config.get("gnss"))


class Broker:
    def __init__(self, config):
        know_all(config, _BROKER_KEYS, "broker.")
        self.host = text(config, "host")
        self.port = whole(config, "port", 1, 65535, 1883)
        self.user = config.get("user")
        self.password = config.get("password")
        tls = config.get("tls")
        self.tls = None if tls is None else TlsSettings(tls, self.host)


def _plain(settings, section):
    """What an object of any class has, in a section, and so for those inside it."""
    found = {}
    for name, value in settings.__dict__.items():
        found[name] = _plain(value, section) if hasattr(value, "__dict__") else value
    return section(found)
