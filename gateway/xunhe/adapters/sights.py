"""Takes in what the cameras' workers report: incident, alert, ticket, evidence rows, one COMMIT.

The same report twice changes nothing. Cameras run in the machine's time; what is stored is in the
gateway's clock.
"""

import logging
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.camera.messages import Filmed, Misread, Report, Seen, Shown, Told
from xunhe.adapters.proof import Keeper, Kept, Proof, keep, passed_on
from xunhe.adapters.recording import Recorder
from xunhe.adapters.recording_lines import Ended, Event, Renewed
from xunhe.adapters.store import cameras, upward
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import AlertKey, IncidentBook, find_alert
from xunhe.adapters.store.records import Rejected, reject
from xunhe.alerts.rulebook import RuleBook
from xunhe.desk.rules import DeskRules
from xunhe.domain.clock import Clock
from xunhe.domain.incident import Cleared, Finding, Rule
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe.domain.sight import Phase, Sight, SightKind

log = logging.getLogger(__name__)

_TELL_EVERY_S = 30.0  # a commit for every camera every few seconds would wear the disk
_RULES = {
    SightKind.LITTER: Rule.SEEN_LITTER,
    SightKind.MAT: Rule.SEEN_MAT,
    SightKind.DISCHARGE: Rule.SEEN_DISCHARGE,
    SightKind.DUMPING: Rule.SEEN_DUMPING,
    SightKind.BLIND: Rule.BLIND,
}


class SightBook:
    """The one writer of sights. Not thread-safe: one thread calls `take`."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Clock,
        keeper: Keeper,
        rules: RuleBook,
        recorder: Recorder | None = None,
        desk: DeskRules | None = None,
    ) -> None:
        self._database, self._clock, self._keeper = database, clock, keeper
        self._registry, self._rules, self._recorder = registry, rules, recorder
        self._desk = desk or DeskRules()
        self._told: dict[str, tuple[float, str]] = {}

    def know(self, registry: Registry) -> None:
        """The list of cameras has changed."""
        self._registry = registry

    def take(self, report: Report) -> bool:
        """Store a report; True where pages should look again.

        On an error of the store nothing of it is kept, so take it again.
        """
        match report:
            case Seen():
                return self._take_sight(report)
            case Filmed():
                return self._take_clip(report)
            case Told():
                return self._take_state(report)
            case Misread(problems):
                with self._database.write() as connection:
                    cameras.tell_misread(connection, problems, self._clock.now())
                return True
            case _:
                return False

    def set_aside(self, report: Report) -> None:
        """Keep a report at which the gateway itself fails, for people to see."""
        camera = None if isinstance(report, Misread) else _camera(report)
        payload = repr(report.sight if isinstance(report, Seen) else type(report).__name__).encode()
        detail = "the gateway failed at this report of a camera: see its log"
        topic = f"camera/{camera or 'list'}"
        what = Rejected(Reason.INTERNAL, detail, topic, payload, len(payload), camera)
        with self._database.write() as connection:
            reject(connection, what, self._clock.now())

    def _take_sight(self, seen: Seen) -> bool:
        sight, now = seen.sight, self._clock.now()
        if sight.phase is Phase.ENDED:
            self._end(seen, now)
            return True
        finding = self._finding(sight)
        if sight.camera not in self._registry.cameras:
            log.warning("camera %s has been taken away: a %s is dropped", sight.camera, sight.kind)
            return False
        if sight.phase is Phase.OPENED and self._is_open(finding):
            return False
        kept = self._keeper.put(self._proof(seen), now)
        book = IncidentBook(Network(self._registry), self._rules, self._desk)
        with self._database.write() as connection:
            # One that comes back soon opens again under its old beginning.
            book.renew(connection, finding, now)
            alert = _alert(connection, finding)
            if alert is not None:
                self._keep(connection, kept, alert, finding.rule, finding.at, now)
            cameras.remember(connection, sight.camera, seen.memory, now)
            self._record(connection, Renewed(now, finding))
        return True

    def _keep(
        self,
        connection: sa.Connection,
        kept: Kept,
        alert: AlertKey,
        rule: str,
        started_at: datetime,
        now: datetime,
    ) -> None:
        keep(connection, kept, alert.incident_id, alert.id, now)
        if self._desk.is_elsewhere:
            upward.add_evidence(connection, passed_on(kept, rule, started_at, now), now)

    def _end(self, seen: Seen, now: datetime) -> None:
        """Needs no registry: what a camera saw ends after the camera has been taken away, too."""
        sight, at = seen.sight, self._clock.when(seen.sight.at_s)
        book = IncidentBook(Network(self._registry), self._rules, self._desk)
        cleared = Cleared(
            _rule(sight), sight.camera, at, sight.zone, sight.reason_zh, sight.reason_en
        )
        with self._database.write() as connection:
            book.clear(connection, cleared, now)
            cameras.remember(connection, sight.camera, seen.memory, now)
            self._record(connection, Ended(now, cleared))

    def _record(self, connection: sa.Connection, step: Event) -> None:
        if self._recorder is not None:
            self._recorder.keep(connection, [step])

    def _is_open(self, finding: Finding) -> bool:
        with self._database.read() as connection:
            alert = _alert(connection, finding)
        return alert is not None and alert.ended_at is None

    def _take_clip(self, filmed: Filmed) -> bool:
        now, started_at = self._clock.now(), self._clock.when(filmed.started_s)
        proof = Proof(
            camera=filmed.camera,
            zone=filmed.zone,
            label=filmed.kind.value,
            score=0.0,
            camera_at=self._clock.when(filmed.from_s),
            clean_jpeg=b"",
            boxes=(),
            clip_mp4=filmed.mp4,
            track={},
            models={},
        )
        kept = self._keeper.put(proof, now)
        rule = _RULES[filmed.kind]
        with self._database.write() as connection:
            alert = find_alert(connection, filmed.camera, filmed.zone, rule, started_at)
            if alert is not None:
                self._keep(connection, kept, alert, rule, started_at, now)
        if alert is None:
            log.warning("camera %s: a clip of an unknown %s is dropped", filmed.camera, filmed.kind)
        return alert is not None

    def _take_state(self, told: Told) -> bool:
        stored_s, state = self._told.get(told.camera, (-_TELL_EVERY_S, ""))
        if state == told.state and 0 <= told.at_s - stored_s < _TELL_EVERY_S:
            return False
        at, now = self._clock.when(told.at_s), self._clock.now()
        with self._database.write() as connection:
            is_new = cameras.tell(connection, told, at, told.detail, now)
        self._told[told.camera] = told.at_s, told.state
        return is_new

    def _proof(self, seen: Seen) -> Proof:
        sight = seen.sight
        return Proof(
            camera=sight.camera,
            zone=sight.zone,
            label=sight.kind.value,
            score=sight.score,
            camera_at=self._clock.when(sight.at_s),
            clean_jpeg=seen.picture_jpeg or b"",
            boxes=sight.boxes,
            clip_mp4=None,
            track={"count": sight.count, "state": sight.state, "share": sight.share},
            models=seen.models,
        )

    def _finding(self, sight: Sight) -> Finding:
        is_outfall = sight.kind is SightKind.DISCHARGE and sight.zone in self._registry.outfalls
        return Finding(
            rule=_rule(sight),
            station=sight.camera,
            prop=sight.kind.value,
            at=self._clock.when(sight.started_s),
            severity=sight.severity,
            value=sight.score,
            baseline=None,
            reason_zh=sight.reason_zh,
            reason_en=sight.reason_en,
            place=sight.zone if is_outfall else "",
            zone=sight.zone,
            state=sight.state or None,
            count=sight.count,
            area_m2=sight.area_m2,
        )


def _alert(connection: sa.Connection, finding: Finding) -> AlertKey | None:
    return find_alert(connection, finding.station, finding.zone, finding.rule, finding.at)


def _camera(report: Seen | Filmed | Told | Shown) -> str:
    return report.sight.camera if isinstance(report, Seen) else report.camera


def _rule(sight: Sight) -> Rule:
    return _RULES[sight.kind]
