"""What a buoy says of its own health. It is not signed: people see it, no rule rests on it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ProbeErrors:
    """How often a probe failed for one reason since the buoy's last boot."""

    probe: str  # such as Y504@1
    reason: str  # such as silence, crc, rubbish
    times: int


@dataclass(frozen=True, slots=True)
class BuoyStatus:
    """Counters of a buoy; `pending` and `dropped` count readings in its log."""

    device: str
    is_online: bool
    pending: int = 0
    dropped: int = 0
    probe_errors: tuple[ProbeErrors, ...] = ()


def parse_status(data: Any) -> BuoyStatus:
    """The status in a decoded JSON message. ValueError names the key that is wrong."""
    if not isinstance(data, dict):
        raise ValueError("the status is not a JSON object")
    probes = data.get("probes", {})
    if not isinstance(probes, dict) or not all(isinstance(e, dict) for e in probes.values()):
        raise ValueError("probes: must hold an object of reasons for each probe")
    return BuoyStatus(
        device=_of(data, "device", str, ""),
        is_online=_of(data, "online", bool, False),
        pending=_of(data, "pending", int, 0),
        dropped=_of(data, "dropped", int, 0),
        probe_errors=tuple(
            ProbeErrors(str(probe)[:40], str(reason)[:40], _of(errors, reason, int, 0))
            for probe, errors in probes.items()
            for reason in errors
        ),
    )


def _of(data: dict[str, Any], key: str, kind: type, default: Any) -> Any:
    value = data.get(key, default)
    if type(value) is not kind:  # a bool is no count
        raise ValueError(f"{key}: {str(value)[:40]!r} is not {kind.__name__}")
    return value
