"""Who a buoy is to be: its configuration with a new random key, checked as the firmware checks it.

The key is drawn here, goes to the board over the cable and to the gateway sealed, and is kept
nowhere else. What this module shows of a configuration never holds a secret.
"""

import json
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xunhe.adapters.broker_rights import password_of
from xunhe_buoy.checks import ConfigError
from xunhe_buoy.config import Settings
from xunhe_tools.buoy.errors import StopError

CONFIG, CA, BOOT = "/data/config.json", "/data/ca.der", "/data/boot"
KEY_BYTES = 32
_SECRETS = ("key", "password")
_WITHHELD = "…"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the buoy goes and how it speaks: all that the technician decides."""

    station: str
    broker: Mapping[str, Any]
    uplink: Mapping[str, Any]
    probes: Sequence[Mapping[str, Any]]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    update_keys: Mapping[str, str] | None = None
    has_gnss: bool = False
    ca_der: bytes | None = None


def configuration(place: Place, device: str, draw: Callable[[int], bytes]) -> dict[str, Any]:
    """The board's config.json; `draw` gives random bytes. StopError names what is wrong in it."""
    key = draw(KEY_BYTES)
    config: dict[str, Any] = {
        "station": place.station,
        "device": device,
        "key": key.hex(),
        "broker": _broker(place.broker, device, key),
        "probes": [dict(probe) for probe in place.probes],
        "uplink": dict(place.uplink),
        **place.parameters,
    }
    if place.update_keys is not None:
        config["update"] = dict(place.update_keys)
    if place.has_gnss:
        config["gnss"] = True
    try:
        Settings(config)
    except ConfigError as error:
        raise StopError(
            f"配置不对 / the configuration is wrong: {error}", "xunhe buoy provision --help"
        ) from None
    return config


def _broker(said: Mapping[str, Any], device: str, key: bytes) -> dict[str, Any]:
    """With TLS goes a name; without it the password would go over the air in the clear."""
    if "tls" not in said:
        return dict(said)
    return {"user": device, "password": password_of(key, device), **said}


def withheld(value: Any) -> Any:
    """The same with every secret blotted out: for the screen."""
    if isinstance(value, Mapping):
        return {
            key: _WITHHELD if key in _SECRETS and inner else withheld(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [withheld(inner) for inner in value]
    return value


def station_of(config: bytes | None) -> str | None:
    """For which station a board is configured; None where it is for none."""
    if config is None:
        return None
    try:
        data = json.loads(config)
    except ValueError:
        return "?"
    return str(data.get("station", "?")) if isinstance(data, dict) else "?"


def probe_entry(word: str) -> dict[str, Any]:
    """`Y504@1` or `Y504@1:9600` on RS-485, `EZO-pH`, `DS18B20@28ff641e8d3c0c79`; StopError."""
    model, _, address = word.partition("@")
    if not address:
        return {"model": model}
    if model == "DS18B20":
        return {"model": model, "rom": address}
    number, _, baud = address.partition(":")
    try:
        entry: dict[str, Any] = {"model": model, "address": int(number)}
        return entry | ({"baud": int(baud)} if baud else {})
    except ValueError:
        raise StopError(
            f"探头 {word} 写法不对 / is not a probe",
            "--probe Y504@1 --probe Y532@2:9600 --probe DS18B20",
        ) from None


def read_probes(path: Path) -> list[dict[str, Any]]:
    """The list of a file that docs/probes.md describes: a JSON array, or {"probes": […]}."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise StopError(f"{path}: {error}", "docs/probes.md") from None
    found = data.get("probes") if isinstance(data, dict) else data
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise StopError(f"{path} 不是探头列表 / is no list of probes", "docs/probes.md")
    return found


def certificate_der(path: Path) -> bytes:
    """A CA's certificate as DER, from PEM or DER; StopError where it is neither."""
    try:
        data = path.read_bytes()
        if b"-----BEGIN CERTIFICATE-----" in data:
            data = ssl.PEM_cert_to_DER_cert(data.decode("ascii"))
        ssl.create_default_context(cadata=data)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise StopError(
            f"{path} 不是 CA 证书 / is no certificate: {error}", "PEM 或 DER / PEM or DER"
        ) from None
    return data
