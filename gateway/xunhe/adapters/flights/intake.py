"""Takes in flights: what they found, incidents, tickets, evidence, the patrol, in one COMMIT.

A flight comes in once, by the content of its film. One that is still flying comes again and again
with what it has found so far; only what is new is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.flights import disappearance, flown, sighting
from xunhe.adapters.flights.refused import FlightError
from xunhe.adapters.proof import Keeper, Kept, Proof, evidence_rows, keep
from xunhe.adapters.recording import Recorder
from xunhe.adapters.recording_lines import Renewed
from xunhe.adapters.store import evidence, flights, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.evidence import Role
from xunhe.adapters.store.flights import FindingRow, FlightRow
from xunhe.adapters.store.incidents import IncidentBook, find_alert
from xunhe.alerts.rulebook import RuleBook
from xunhe.codecs import flight_json
from xunhe.desk.routing import owner
from xunhe.desk.rules import DeskRules
from xunhe.domain.clock import Clock
from xunhe.domain.finding import FlightFinding
from xunhe.domain.flight import Flight
from xunhe.domain.incident import Finding
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry

_AHEAD = timedelta(minutes=2)  # as much as a drone's clock and ours may differ


@dataclass(frozen=True, slots=True)
class Brought:
    """A flight as somebody brings it.

    `pictures` are JPEGs by the id of their finding; `post` is whose patrol it is, None: that of
    the chief nearest to the water; `actor` is the office that brings it.
    """

    flight: Flight
    pictures: Mapping[str, bytes]
    actor: str
    post: str | None = None
    is_flying: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The id of a flight, and whether anything of it was new."""

    id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class FlightBook:
    """The writer of flights. `take` may be called from any thread."""

    database: Database
    registry: Registry
    clock: Clock
    keeper: Keeper
    rules: RuleBook
    desk: DeskRules = field(default_factory=DeskRules)
    recorder: Recorder | None = None

    def take(self, brought: Brought) -> Taken:
        """Keep it, once. FlightError, with nothing kept, where it cannot have been or be placed."""
        flight, now = brought.flight, self.clock.now()
        began = self._began(flight, now)
        post = self._post(brought)
        with self.database.read() as connection:
            known = flights.of_key(connection, flight.id)
        if known is not None and not known.is_flying:
            return Taken(known.id, False)
        kept = self._pictures(brought, _news(known, flight), began, now)
        with self.database.write() as connection:
            known = flights.of_key(connection, flight.id)
            if known is not None and not known.is_flying:  # somebody else was sooner
                return Taken(known.id, False)
            writing = _Writing(self, connection, brought, began, now)
            return Taken(writing.write(known, post, kept), True)

    def _post(self, brought: Brought) -> str | None:
        """Whose patrol it is; None where no reach is known. FlightError for no such post."""
        reach = brought.flight.reach
        if reach is not None and reach not in self.registry.reaches:
            raise FlightError(f"没有河段 {reach} / reach {reach} is not registered")
        if brought.post is None:
            return None if reach is None else owner(self.registry, reach)
        post = self.registry.posts.get(brought.post)
        if post is None or (reach is not None and reach not in post.reaches):
            raise FlightError(
                f"岗位 {brought.post} 不负责河段 {reach} / post {brought.post} does not answer for"
                f" reach {reach}"
            )
        return post.code

    def _began(self, flight: Flight, now: datetime) -> datetime:
        """When it began, by the gateway's clock; from then on seconds are those of the film."""
        if flight.started_at is None:
            raise FlightError(
                "遥测没有时间：请用 --begin 给出起飞时刻 / the telemetry has no clock: say when it"
                " began, with --begin"
            )
        began = self.clock.when(flight.started_at.timestamp())
        if began > now + _AHEAD:
            raise FlightError("飞行时间在未来：请核对时钟 / the flight lies in the future")
        return began

    def _pictures(
        self, brought: Brought, news: Iterable[FlightFinding], began: datetime, now: datetime
    ) -> dict[str, Kept]:
        """The files on the disk, by the id of their finding; no row names them yet."""
        return {
            one.id: self.keeper.put(
                _proof(brought.flight, one, began, brought.pictures[one.id]), now
            )
            for one in news
            if one.id in brought.pictures
        }


@dataclass(frozen=True, slots=True)
class _Writing:
    """One flight being written, in one transaction."""

    book: FlightBook
    connection: sa.Connection
    brought: Brought
    began: datetime
    now: datetime

    def write(self, known: FlightRow | None, post: str | None, kept: Mapping[str, Kept]) -> int:
        flight = self.brought.flight
        flight_id = flights.put(self.connection, known, self._row(post))
        for found in _news(known, flight):
            self._take(flight_id, found, kept.get(found.id))
        if not self.brought.is_flying and post is not None:
            self._count(flight_id, post)
        said = {"flight_id": flight_id, "reach": flight.reach, "findings": len(flight.findings)}
        emit(self.connection, "flight", said, self.now)
        return flight_id

    def _row(self, post: str | None) -> dict[str, object]:
        flight = self.brought.flight
        return {
            "key": flight.id,
            "reach": flight.reach,
            "post": post,
            "started_at": self.began,
            "ended_at": self.began + timedelta(seconds=flight.lasts_s),
            "is_flying": self.brought.is_flying,
            "received_at": self.now,
            "actor": self.brought.actor,
            "report": flight_json.document(flight),
        }

    def _take(self, flight_id: int, found: FlightFinding, kept: Kept | None) -> None:
        """A finding with its incident and evidence, or with its picture alone."""
        raised = sighting.finding_of(self.brought.flight, found, self.began, self.book.registry)
        if not found.is_there:
            incident_id = disappearance.end(self._incidents, self.connection, found, self.now)
        elif raised is not None:
            incident_id = self._raise(raised, kept)
        else:
            incident_id = None
        if kept is not None and (raised is None or not found.is_there):
            evidence.add(self.connection, evidence_rows(kept, None, None, self.now))
        row = FindingRow(
            flight_id,
            found.id,
            found.kind,
            found.reach,
            found.at.lon_lat if found.at else None,
            _picture(kept),
            incident_id,
        )
        flights.put_finding(self.connection, row)

    def _raise(self, finding: Finding, kept: Kept | None) -> int | None:
        """Its incident; None where it is silenced."""
        self._incidents.renew(self.connection, finding, self.now)
        key = (finding.station, finding.zone, finding.rule, finding.at)
        alert = find_alert(self.connection, *key)
        if self.book.recorder is not None:
            self.book.recorder.keep(self.connection, [Renewed(self.now, finding)])
        if alert is None:
            return None
        if kept is not None:
            keep(self.connection, kept, alert.incident_id, alert.id, self.now)
        return int(alert.incident_id)

    def _count(self, flight_id: int, post: str) -> None:
        """As a patrol of its post, with the tickets that came of it."""
        rows = flights.findings(self.connection, [flight_id])
        incidents = dict.fromkeys(row.incident_id for row in rows if row.incident_id is not None)
        found = [tickets.of_incident(self.connection, incident_id) for incident_id in incidents]
        problems = tuple(dict.fromkeys(ticket.id for ticket in found if ticket is not None))
        walk = flown.walk(self.brought.flight, self.began, post, problems)
        patrol_id = flown.add(
            self.connection, self.book.registry, walk, self.brought.actor, self.now
        )
        if patrol_id is not None:
            flights.counted(self.connection, flight_id, patrol_id)

    @property
    def _incidents(self) -> IncidentBook:
        return IncidentBook(Network(self.book.registry), self.book.rules, self.book.desk)


def _news(known: FlightRow | None, flight: Flight) -> list[FlightFinding]:
    """What is not as it was when the flight was told before."""
    before = set() if known is None else set(known.flight.findings)
    return [one for one in flight.findings if one not in before]


def _proof(flight: Flight, found: FlightFinding, began: datetime, picture: bytes) -> Proof:
    at = found.at
    return Proof(
        camera=sighting.witness_of(flight),
        zone=f"{flight.id}/{found.id}",
        label=sighting.label_of(found.kind),
        score=found.confidence,
        camera_at=began + timedelta(seconds=found.last_s),
        clean_jpeg=picture,
        boxes=(),
        clip_mp4=None,
        track={
            "flight": flight.id,
            "finding": found.id,
            "count": found.count,
            "area_m2": found.area_m2,
            "lon_lat": at and list(at.lon_lat),
            "covariance_m2": at and [list(row) for row in at.covariance_m2],
        },
        models=flight.models,
    )


def _picture(kept: Kept | None) -> str | None:
    pieces = kept.pieces if kept else ()
    return next((p.sha256 for p in pieces if p.role is Role.PICTURE and p.absent is None), None)
