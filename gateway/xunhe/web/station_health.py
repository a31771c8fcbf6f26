"""How a station is, as whoever looks after it asks: heard, powered, calibrated, up to date."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store import commands, devices, maintenance
from xunhe.adapters.store.devices import Service
from xunhe.domain.command import Command, CommandState
from xunhe.domain.maintenance import Maintenance
from xunhe.domain.observation import FAIL, SUSPECT
from xunhe.water.indicators import INDICATORS
from xunhe.water.qc.drift import Calibration
from xunhe.water.qc.limits import RIVER
from xunhe.web.console import Console
from xunhe.web.waters import Presence, StationState, station_states
from xunhe.web.wording import FLAGS, Words
from xunhe_buoy.parameter_table import NUMBERS

LOW_BATTERY_V = NUMBERS["low_battery_v"][2] or 0.0  # where the buoy itself begins to save
_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CalibrationDue:
    """A probe's calibration. `last` None: nobody has entered one; `due_at` is then None too."""

    prop: str
    last: Calibration | None
    due_at: datetime | None
    history: tuple[Calibration, ...]

    @property
    def words(self) -> Words:
        """The property's names."""
        return Words(INDICATORS[self.prop].name_zh, INDICATORS[self.prop].name_en)

    def is_overdue(self, now: datetime) -> bool:
        """Its date has passed, or there has never been one."""
        return self.due_at is None or self.due_at <= now

    def is_soon(self, now: datetime) -> bool:
        """Due within a week."""
        return self.due_at is not None and now < self.due_at <= now + _SOON


@dataclass(frozen=True, slots=True)
class StationHealth:
    """A station with everything that its technician has to know."""

    state: StationState
    battery_v: float | None
    calibrations: tuple[CalibrationDue, ...]
    works: tuple[Maintenance, ...]  # the newest first
    commands: tuple[Command, ...]
    services: tuple[Service, ...]
    now: datetime

    @property
    def work(self) -> Maintenance | None:
        """What somebody is doing there now."""
        return next((work for work in self.works if work.ended_at is None), None)

    @property
    def update(self) -> Command | None:
        """The newest update that was offered to its buoy."""
        return next((one for one in self.commands if "update" in one.content), None)

    @property
    def waiting(self) -> int:
        """Commands that its buoy has not answered."""
        open_states = (CommandState.QUEUED, CommandState.SENT)
        return sum(one.state in open_states for one in self.commands)

    @property
    def ailments(self) -> list[Words]:
        """What is wrong with it; empty where it is well."""
        return list(_ailments(self))

    @property
    def is_well(self) -> bool:
        """Nothing to do there."""
        return not self.ailments


def station_healths(
    console: Console, connection: sa.Connection, within: frozenset[str] | None
) -> list[StationHealth]:
    """The stations of some reaches (None: of all), by name."""
    states = [
        state
        for state in station_states(console, connection)
        if within is None or state.station.reach in within
    ]
    found = [_health(console, connection, state) for state in states]
    return sorted(found, key=lambda health: health.state.station.name)


def station_health(console: Console, connection: sa.Connection, code: str) -> StationHealth:
    """One station that is registered."""
    state = next(s for s in station_states(console, connection) if s.station.code == code)
    return _health(console, connection, state)


def _health(console: Console, connection: sa.Connection, state: StationState) -> StationHealth:
    code, now = state.station.code, console.clock.now()
    battery = next((m for m in state.measured if m.shown.name == "battery_v"), None)
    calibrations = maintenance.calibrations(connection, code)
    return StationHealth(
        state,
        None if battery is None else battery.observation.value,
        tuple(_dues(state, calibrations)),
        tuple(maintenance.of_station(connection, code)),
        tuple(commands.of_station(connection, code)),
        tuple(devices.services(connection, code)),
        now,
    )


def _dues(
    state: StationState, calibrations: Mapping[str, Sequence[Calibration]]
) -> Iterator[CalibrationDue]:
    """Of every probe that drifts: measured here, or calibrated once."""
    measured = {m.shown.name for m in state.measured}
    for prop, limits in RIVER.items():
        if limits.drift is None or prop not in measured | calibrations.keys():
            continue
        history = tuple(reversed(calibrations.get(prop, ())))
        last = history[0] if history else None
        due_at = None
        if last is not None:
            due_at = datetime.fromtimestamp(last.at_s + limits.drift.due_s, UTC)
        yield CalibrationDue(prop, last, due_at, history)


def _ailments(health: StationHealth) -> Iterator[Words]:
    state = health.state
    if state.presence is Presence.SILENT:
        yield Words("失联", "silent")
    if state.presence is Presence.AWAITED:
        yield Words("从未上线", "never heard")
    if health.battery_v is not None and health.battery_v < LOW_BATTERY_V:
        yield Words(f"电量低 {health.battery_v:.2f} V", "battery low")
    for measured in state.measured:
        flag = measured.observation.flag
        if flag in (SUSPECT, FAIL):
            words = measured.shown.words
            yield Words(f"{words.zh}{FLAGS[flag].zh}", f"{words.en} {FLAGS[flag].en}")
    never = [due.words for due in health.calibrations if due.due_at is None]
    if never:
        yield _of_all("无校准记录", "never calibrated", never)
    overdue = [due.words for due in health.calibrations if due.due_at and due.due_at <= health.now]
    if overdue:
        yield _of_all("校准到期", "calibration overdue", overdue)
    if state.buoy is not None and state.buoy.probe_errors:
        yield Words("探头有错误", "probe errors")
    if state.buoy is not None and state.buoy.dropped:
        yield Words(f"丢弃 {state.buoy.dropped} 条", f"{state.buoy.dropped} readings dropped")


def _of_all(zh: str, en: str, props: Sequence[Words]) -> Words:
    """One sentence for several properties."""
    names_zh, names_en = "、".join(p.zh for p in props), ", ".join(p.en for p in props)
    return Words(f"{zh}：{names_zh}", f"{en}: {names_en}")
