"""How the gateway itself is: looked at again and again, told to pages, Prometheus and systemd.

Every alarm has a section of its own name in the runbook; a test holds the two together.
"""

import logging
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.backup import keeping
from xunhe.adapters.desk_clock import provisional
from xunhe.adapters.store import deliveries, soundness, upward
from xunhe.adapters.store import evidence as evidence_rows
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.schema import counter, event
from xunhe.domain.clock import Clock
from xunhe.domain.clock_watch import ClockWatch

log = logging.getLogger(__name__)

LEAST_FREE_MIB = 512
EVIDENCE_SHARE = 0.95  # of its budget
FAILURES = 3  # of a part, one after the other
INTAKE = "ingest"  # the part that takes readings in
STUCK = timedelta(hours=1)  # how long a delivery may wait
CERTIFICATE_ENDS = timedelta(days=14)  # half of the time in which it should have been renewed
CLOCK_BEHIND = timedelta(minutes=10)  # so much earlier than what was noted last

_LOOKED_AT = "health.looked_at_s"


class Alarm(StrEnum):
    """What can be wrong with the gateway itself."""

    DATABASE_BROKEN = "database_broken"  # 数据库损坏
    DATABASE_NOT_WRITABLE = "database_not_writable"  # 数据库写不进
    DISK_NEARLY_FULL = "disk_nearly_full"  # 磁盘将满
    INTAKE_FAILING = "intake_failing"  # 收数反复出错
    PART_FAILING = "part_failing"  # 部件反复出错
    BROKER_DOWN = "broker_down"  # 消息代理断开
    CLOCK_BEHIND = "clock_behind"  # 时钟倒退
    CLOCK_JUMPED = "clock_jumped"  # 时钟跳变
    EVIDENCE_FULL = "evidence_full"  # 证据空间将满
    OUTBOX_STUCK = "outbox_stuck"  # 对外消息积压
    BACKUP_LATE = "backup_late"  # 备份过期
    CALENDAR_MISSING = "calendar_missing"  # 缺工作日历
    CERTIFICATE_ENDING = "certificate_ending"  # 证书将到期
    UPWARD_STUCK = "upward_stuck"  # 上行积压


# With one of these the gateway keeps nothing that is sent to it.
BLOCKING = frozenset({Alarm.DATABASE_BROKEN, Alarm.DATABASE_NOT_WRITABLE, Alarm.INTAKE_FAILING})


@dataclass(frozen=True, slots=True)
class Reading:
    """What one look has found: the alarms that are up, each with what was measured."""

    at: datetime
    alarms: Mapping[Alarm, str]
    free_bytes: Mapping[str, int]  # on the disk of each folder
    figures: Mapping[str, float]  # sizes and ages, for Prometheus

    @property
    def is_ready(self) -> bool:
        """May a buoy's reading be taken?"""
        return not BLOCKING & self.alarms.keys()


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on something is an alarm."""

    evidence_bytes: float
    backup_late: timedelta


@dataclass
class Health:
    """Looks. `failing`: parts and how often each has failed in a row; `wall`: the machine's time,
    in which backups and disks live, and `watch` over it; `clock`: the river's."""

    database: Database
    evidence: Path
    limits: Limits
    clock: Clock
    wall: Clock
    watch: ClockWatch
    failing: Callable[[], Mapping[str, int]] = dict
    broker_is_up: Callable[[], bool] = lambda: True
    certificates: Callable[[], Mapping[str, datetime]] = dict  # until when each holds
    newest: Reading | None = None
    _flaws: list[str] = field(default_factory=list)

    def look(self) -> Reading:
        """Look at everything that is quick, and remember it."""
        alarms: dict[Alarm, str] = {}
        free = self._free(alarms)
        figures = self._sizes()
        if self._flaws:
            alarms[Alarm.DATABASE_BROKEN] = self._flaws[0]
        self._parts(alarms)
        if jump := self.watch.jump():
            alarms[Alarm.CLOCK_JUMPED] = f"{jump.total_seconds() / 3600:+.1f} h"
        self._certificates(alarms)
        try:
            self._write()
            with self.database.read() as connection:
                figures |= self._rows(connection, alarms)
        except sa.exc.DBAPIError as error:
            alarms[Alarm.DATABASE_NOT_WRITABLE] = str(error.orig)
        reading = Reading(self.wall.now(), alarms, free, figures)
        self._tell_changes(reading)
        self.newest = reading
        return reading

    def check_database(self) -> None:
        """Read every page of the database: minutes where it is large. The next look tells it."""
        if self.database.is_file:
            self._flaws = soundness.flaws(self.database.path)

    def _write(self) -> None:
        """A commit like that of a reading: what cannot be written shows within one look."""
        now_s = round(self.wall.now().timestamp())
        with self.database.append() as connection:
            changed = counter.update().where(counter.c.name == _LOOKED_AT).values(n=now_s)
            if connection.execute(changed).rowcount == 0:
                connection.execute(counter.insert().values(name=_LOOKED_AT, n=now_s))

    def _free(self, alarms: dict[Alarm, str]) -> Mapping[str, int]:
        folders = {"evidence": self.evidence}
        if self.database.is_file:
            folders["store"] = self.database.path.parent
        found = {name: folder for name, folder in folders.items() if folder.exists()}
        free = {name: shutil.disk_usage(folder).free for name, folder in found.items()}
        for name, bytes_free in free.items():
            if bytes_free < LEAST_FREE_MIB * 2**20:
                alarms[Alarm.DISK_NEARLY_FULL] = f"{found[name]}: {bytes_free // 2**20} MiB"
        return free

    def _sizes(self) -> dict[str, float]:
        if not self.database.is_file:
            return {}
        path = self.database.path
        wal = path.with_name(f"{path.name}-wal")
        files = {"database_bytes": path, "wal_bytes": wal}
        return {
            name: float(file.stat().st_size) if file.exists() else 0.0
            for name, file in files.items()
        }

    def _parts(self, alarms: dict[Alarm, str]) -> None:
        failing = {name: n for name, n in self.failing().items() if n >= FAILURES}
        if INTAKE in failing:
            alarms[Alarm.INTAKE_FAILING] = f"×{failing.pop(INTAKE)}"
        if failing:
            alarms[Alarm.PART_FAILING] = ", ".join(f"{name} ×{n}" for name, n in failing.items())
        if not self.broker_is_up():
            alarms[Alarm.BROKER_DOWN] = "MQTT"

    def _certificates(self, alarms: dict[Alarm, str]) -> None:
        now = self.wall.now()
        ending = {n: at for n, at in self.certificates().items() if at - now < CERTIFICATE_ENDS}
        if ending:
            told = (f"{name} {at:%Y-%m-%d %H:%M} UTC" for name, at in ending.items())
            alarms[Alarm.CERTIFICATE_ENDING] = ", ".join(told)

    def _rows(self, connection: sa.Connection, alarms: dict[Alarm, str]) -> dict[str, float]:
        now, wall = self.clock.now(), self.wall.now()
        kept = evidence_rows.kept_bytes(connection)
        if kept > EVIDENCE_SHARE * self.limits.evidence_bytes:
            alarms[Alarm.EVIDENCE_FULL] = f"{kept // 2**20} MiB"
        stuck = [
            name
            for name, each in deliveries.standing(connection).items()
            if each.dead or (each.oldest_waiting and now - each.oldest_waiting > STUCK)
        ]
        if stuck:
            alarms[Alarm.OUTBOX_STUCK] = ", ".join(stuck)
        oldest = upward.oldest(connection)
        if oldest is not None and now - oldest > STUCK:
            alarms[Alarm.UPWARD_STUCK] = f"{upward.count(connection)}, {oldest:%Y-%m-%d %H:%M} UTC"
        last = connection.execute(
            sa.select(event.c.at).order_by(event.c.id.desc()).limit(1)
        ).scalar()
        if last is not None and last > now + CLOCK_BEHIND:
            alarms[Alarm.CLOCK_BEHIND] = f"{now:%Y-%m-%d %H:%M} < {last:%Y-%m-%d %H:%M}"
        if count := provisional(connection):
            alarms[Alarm.CALENDAR_MISSING] = str(count)
        return {"evidence_bytes": float(kept)} | self._backups(connection, wall, alarms)

    def _backups(
        self, connection: sa.Connection, wall: datetime, alarms: dict[Alarm, str]
    ) -> dict[str, float]:
        made_at = keeping.newest(connection)
        if made_at is None:
            alarms[Alarm.BACKUP_LATE] = "从未备份 / never"
            return {}
        if wall - made_at > self.limits.backup_late:
            alarms[Alarm.BACKUP_LATE] = f"{made_at:%Y-%m-%d %H:%M} UTC"
        return {"backup_age_s": (wall - made_at).total_seconds()}

    def _tell_changes(self, reading: Reading) -> None:
        before = self.newest.alarms.keys() if self.newest else set()
        for alarm in reading.alarms.keys() - before:
            log.error("alarm=%s: %s", alarm.value, reading.alarms[alarm])
        for alarm in before - reading.alarms.keys():
            log.warning("alarm=%s is over", alarm.value)
