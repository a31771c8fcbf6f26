"""What happens to the river and to its probes: events as data, from TOML or from dicts.

    [[event]]
    kind = "discharge"        # or "silent", "rubbish", "stuck": a probe that misbehaves
    reach = "QY-02"
    …

Times are river time, Unix seconds.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from xunhe_tools.virtual_river.network import Place, ReachFlow
from xunhe_tools.virtual_river.strict import ConfigError, build, check_keys, known, rows


def _check_times(start_s: float, duration_s: float) -> None:
    if not duration_s > 0:
        raise ValueError(f"duration_s {duration_s} must be positive (start_s {start_s})")


@dataclass(frozen=True, slots=True)
class Discharge:
    """Waste water let into a reach at a constant rate for a while.

    `nh3n_mg_l` and `bod_mg_l` are those of the waste water itself, before it mixes.
    """

    reach: str
    position_m: float
    start_s: float
    duration_s: float
    flow_m3_s: float
    nh3n_mg_l: float
    bod_mg_l: float = 0.0
    nh3n_decay_per_day: float = 0.0

    def __post_init__(self) -> None:
        _check_times(self.start_s, self.duration_s)
        if not self.flow_m3_s > 0:
            raise ValueError(f"flow_m3_s {self.flow_m3_s} must be positive")
        for name in ("nh3n_mg_l", "bod_mg_l", "nh3n_decay_per_day"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} {getattr(self, name)} must not be negative")

    @property
    def place(self) -> Place:
        """Where it enters."""
        return Place(self.reach, self.position_m)


class FaultKind(Enum):
    """How a probe misbehaves."""

    SILENT = "silent"  # no answer at all
    RUBBISH = "rubbish"  # answers with NaN or random bits
    STUCK = "stuck"  # repeats what it saw when the fault began


@dataclass(frozen=True, slots=True)
class ProbeFault:
    """A probe of `station` misbehaves for a while; without `model`, all its probes do."""

    station: str
    kind: FaultKind
    start_s: float
    duration_s: float
    model: str | None = None

    def __post_init__(self) -> None:
        _check_times(self.start_s, self.duration_s)

    def covers(self, model: str, t_s: float) -> bool:
        """Whether a probe of this model is disturbed at river time t."""
        return self.model in (None, model) and 0 <= t_s - self.start_s < self.duration_s


@dataclass(frozen=True, slots=True)
class Script:
    """All events of a run; their order does not matter."""

    discharges: tuple[Discharge, ...] = ()
    faults: tuple[ProbeFault, ...] = ()

    def faults_of(self, station: str) -> tuple[ProbeFault, ...]:
        """The faults at one station."""
        return tuple(fault for fault in self.faults if fault.station == station)


_FAULTS = {kind.value: kind for kind in FaultKind}


def _event(row: dict[str, object], where: str) -> Discharge | ProbeFault:
    kind = known(row.pop("kind", None), ("discharge", *_FAULTS), f"{where}.kind", "kind")
    if kind == "discharge":
        return build(Discharge, row, where)
    return build(ProbeFault, {**row, "kind": _FAULTS[kind]}, where)


def script_from(events: object, where: str = "script") -> Script:
    """A script from a list of tables. ConfigError names the event and the key."""
    made = [_event(dict(row), name) for name, row in rows(events, where)]
    return Script(
        tuple(event for event in made if isinstance(event, Discharge)),
        tuple(event for event in made if isinstance(event, ProbeFault)),
    )


def load_script(path: Path) -> Script:
    """A script from the `[[event]]` tables of a TOML file."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    check_keys(document, ("event",), str(path))
    return script_from(document.get("event", []), f"{path}: event")


def default_script(
    start_s: float, reach: ReachFlow, position_m: float, mixed_nh3n_mg_l: float = 4.0
) -> Script:
    """One night discharge: begins 40 river minutes after `start_s`, lasts 90 minutes.

    Strong domestic sewage (ammonia 32 mg/L as N, BOD 140 mg/L); its flow is chosen so that,
    fully mixed, it adds `mixed_nh3n_mg_l` to the ammonia of `reach`.
    """
    sewage = 32.0
    share = mixed_nh3n_mg_l / sewage  # of sewage in the mixture: q / (Q + q)
    flow_m3_s = reach.discharge_m3_s * share / (1 - share)
    return Script(
        (Discharge(reach.code, position_m, start_s + 2400, 5400, flow_m3_s, sewage, 140.0),)
    )
