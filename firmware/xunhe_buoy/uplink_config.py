"""The section `uplink` of the configuration: which carrier, over what, at which price.

    {"carrier": "wifi", "wifi": {"ssid": …, "password": …}}           wifi may be left out
    {"carrier": "modem", "modem": {"dialect": "sim7600", "apn": …}}   or "air780e"
    {"carrier": "radio", "radio": {"air_bps": 2400, "duty_permille": 10}}
    "daily_kib": 512                                                  0 or left out: no limit

and `broker.tls`, {"ca": "ca.der", "hostname": …}: the CA's certificate as DER in a file of the
board, and the name in the broker's certificate where it is not `broker.host`.
"""

from xunhe_buoy.checks import ConfigError, know_all, required, text, whole

CARRIERS = ("wifi", "modem", "radio")
DIALECTS = ("sim7600", "air780e")
_LONGEST_BITS = 240 * 8  # a frame and its preamble


class UplinkSettings:
    """`wifi` is (ssid, password) or None; `modem`, `radio`: None where that is not the carrier."""

    def __init__(self, config):
        know_all(config, ("carrier", "daily_kib", "wifi", "modem", "radio"), "uplink.")
        self.carrier = _one_of(config, "carrier", CARRIERS, "wifi")
        self.daily_bytes = whole(config, "daily_kib", 0, 10**6, 0) * 1024
        self.wifi = _wifi(config["wifi"]) if config.get("wifi") else None
        self.modem = self.radio = None
        if self.carrier == "modem":
            self.modem = ModemSettings(required(config, "modem"))
        if self.carrier == "radio":
            self.radio = RadioSettings(config.get("radio") or {})


class ModemSettings:
    def __init__(self, config):
        know_all(config, ("dialect", "apn", "baud"), "uplink.modem.")
        self.dialect = _one_of(config, "dialect", DIALECTS, None)
        self.apn = config.get("apn") or ""  # "": the network says which
        if [c for c in self.apn if not " " < c < "\x7f" or c == '"']:
            raise ConfigError("uplink.modem.apn %r cannot stand in an AT command" % self.apn)
        self.baud = whole(config, "baud", 9600, 921600, 115200)


class RadioSettings:
    """`air_bps`: what the module sends a second, preamble aside; `duty_permille` of an hour."""

    def __init__(self, config):
        know_all(config, ("baud", "air_bps", "duty_permille"), "uplink.radio.")
        self.baud = whole(config, "baud", 1200, 115200, 9600)
        self.air_bps = whole(config, "air_bps", 100, 250000, 2400)
        self.duty_permille = whole(config, "duty_permille", 1, 1000, 10)
        if self.duty_permille * 3600 < _LONGEST_BITS * 1000 // self.air_bps:
            raise ConfigError("uplink.radio: air_bps and duty_permille leave no room for a frame")


class TlsSettings:
    def __init__(self, config, host):
        know_all(config, ("ca", "hostname"), "broker.tls.")
        self.ca = text(config, "ca")
        self.hostname = config.get("hostname") or host


def _wifi(config):
    know_all(config, ("ssid", "password"), "uplink.wifi.")
    return text(config, "ssid"), text(config, "password")


def _one_of(config, key, known, default):
    value = config.get(key, default)
    if value not in known:
        raise ConfigError("uplink: %s is %r; use one of %s" % (key, value, ", ".join(known)))
    return value
