"""What workers report: once, whole or not at all, in the river's time, for the zone it is about."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from tests.gateway.river_cameras import SEEN, litter, with_cameras
from tests.gateway.test_ingest import rows
from xunhe.adapters.camera.messages import Filmed, Misread, Seen, Shown, Told
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.proof import Keeper
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.sights import SightBook
from xunhe.adapters.store import cameras, schema
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import ScaledClock
from xunhe.domain.incident import Severity
from xunhe.domain.registry import Registry
from xunhe.domain.sight import Phase, Sight, SightKind

WALL_S = 1_800_000_000.0  # when the scaled clock shows START
FACTOR = 60.0
CLIP = b"\0\0\0\x18ftypisom" + bytes(64)


def river(second_s: float) -> Any:
    """What the gateway's clock shows so many of the machine's seconds after the start."""
    return clock_at(0).when(WALL_S + second_s)


def clock_at(second_s: float) -> ScaledClock:
    return ScaledClock(WALL_S, START.timestamp(), FACTOR, lambda: WALL_S + second_s)


@dataclass
class Site:
    """A gateway with cameras, its clock a minute for a second."""

    book: SightBook
    database: Database
    evidence: EvidenceStore
    memory: dict[str, Any] = field(default_factory=dict)

    def see(self, sight: Sight, picture: bytes | None = None) -> bool:
        return self.book.take(self.seen(sight, picture))

    def seen(self, sight: Sight, picture: bytes | None = None) -> Seen:
        started_s, at_s = WALL_S + sight.started_s, WALL_S + sight.at_s
        real = replace(sight, started_s=started_s, at_s=at_s)
        self.memory = {"version": 1, "at_s": at_s}
        return Seen(real, picture, self.memory, {"debris": "ab" * 32})

    def rows(self, *tables: str) -> list[Any]:
        found: list[Any] = []
        for table in tables:
            found += rows(self.database, getattr(schema, table))
        return found

    def everything(self) -> list[Any]:
        names = ("incident", "alert", "ticket", "desk_log", "outbox", "event", "evidence")
        return self.rows(*names, "verdict", "camera_state", "counter")


@pytest.fixture
def site(database: Database, registry: Registry, tmp_path: Path) -> Site:
    evidence = EvidenceStore(tmp_path / "evidence")
    keeper = Keeper(Budget(database, evidence, 1 << 24))
    book = SightBook(database, with_cameras(registry), clock_at(20), keeper, shipped())
    return Site(book, database, evidence)


@pytest.fixture(scope="module")
def jpeg() -> bytes:
    picture = np.full((90, 160, 3), (96, 80, 72), np.uint8)
    return bytes(cv2.imencode(".jpg", picture)[1].tobytes())


def filmed(sight: Sight = SEEN) -> Filmed:
    identity = (sight.camera, sight.zone, sight.kind, WALL_S + sight.started_s)
    return Filmed(*identity, WALL_S + sight.at_s - 6, WALL_S + sight.at_s + 4, CLIP)


def told(state: str = "live", second_s: float = 0.0, **counts: float) -> Told:
    words = ("", "") if state == "live" else ("断了", "broken")
    return Told("YX-C1", WALL_S + second_s, state, *words, counts, {"version": 1})


def test_an_opened_sight_is_incident_ticket_message_event_and_evidence(
    site: Site, jpeg: bytes
) -> None:
    assert site.see(SEEN, jpeg) is True
    (incident,) = site.rows("incident")
    (alert,) = site.rows("alert")
    (ticket,) = site.rows("ticket")
    (message,) = site.rows("outbox")
    assert (incident.kind, incident.station, incident.zone) == ("discharge", "YX-C1", "YX-P1")
    assert (alert.place, alert.state, alert.count, alert.value) == ("YX-P1", "flowing", 1, 0.8)
    assert (ticket.incident_id, ticket.post) == (incident.id, "VILLAGE-1")
    assert message.payload["ticket_id"] == ticket.id
    assert [event.kind for event in site.rows("event")] == ["incident", "ticket", "alert"]
    kept = {row.role: row for row in site.rows("evidence")}
    assert set(kept) == {"picture", "annotated", "track"}
    for row in kept.values():
        assert (row.incident_id, row.alert_id) == (incident.id, alert.id)
        assert site.evidence.read(row.sha256)
    assert site.evidence.read(kept["picture"].sha256) == jpeg
    assert kept["picture"].detail["models"] == {"debris": "ab" * 32}


def test_times_are_those_of_the_gateways_clock(site: Site, jpeg: bytes) -> None:
    site.see(SEEN, jpeg)
    (incident,), (alert,) = site.rows("incident"), site.rows("alert")
    assert incident.started_at == alert.started_at == river(0) == START
    assert incident.opened_at == alert.raised_at == river(20)
    (row, *_) = site.rows("evidence")
    assert (row.camera_at, row.gateway_at) == (river(8), river(20))


def test_the_same_report_twice_changes_nothing(site: Site, jpeg: bytes) -> None:
    for report in (site.seen(SEEN, jpeg), filmed()):
        site.book.take(report)
        before = site.everything()
        for again in (site.book, _later(site)):
            again.take(report)
        assert site.everything() == before


def _later(site: Site) -> SightBook:
    """The gateway a little later, after a restart."""
    book = site.book
    return SightBook(site.database, book._registry, clock_at(300), book._keeper, shipped())


def test_growth_raises_severity_and_count_and_nothing_lowers_the_severity(site: Site) -> None:
    site.see(litter())
    site.see(litter(phase=Phase.GREW, at_s=90, count=9, severity=Severity.MAJOR, area_m2=4.0))
    site.see(litter(phase=Phase.GREW, at_s=190, count=5, severity=Severity.MINOR))
    (incident,), (alert,) = site.rows("incident"), site.rows("alert")
    assert (incident.severity, alert.severity, alert.count) == ("major", "major", 5)
    assert len(site.rows("ticket", "outbox")) == 2
    assert [event.data.get("joined") for event in site.rows("event")][-2:] == ["grew", "grew"]


def test_growth_of_what_nobody_knows_opens_it(site: Site) -> None:
    assert site.see(litter(phase=Phase.GREW, at_s=90))
    assert len(site.rows("incident")) == len(site.rows("alert")) == len(site.rows("ticket")) == 1


def test_an_end_clears_its_own_zone_and_kind_only(site: Site) -> None:
    others = (litter(zone="近岸"), litter(kind=SightKind.MAT), litter(camera="YX-C2"), SEEN)
    for sight in (litter(), *others):
        site.see(sight)
    site.see(litter(phase=Phase.ENDED, at_s=60))
    ended = [row for row in site.rows("incident") if row.ended_at is not None]
    assert [(row.kind, row.station, row.zone) for row in ended] == [
        ("floating_litter", "YX-C1", "水面")
    ]
    assert ended[0].ended_at == river(60)


def test_an_end_of_what_nobody_knows_changes_nothing(site: Site) -> None:
    site.see(SEEN)
    site.see(litter(phase=Phase.ENDED))
    assert [row.ended_at for row in site.rows("incident")] == [None]


def test_what_comes_back_under_its_old_beginning_is_open_again_and_ends_again(site: Site) -> None:
    site.see(litter())
    site.see(litter(phase=Phase.ENDED, at_s=60))
    assert site.see(litter(at_s=120, count=3)) is True
    (incident,), (alert,) = site.rows("incident"), site.rows("alert")
    assert (incident.ended_at, alert.ended_at, alert.count) == (None, None, 3)
    site.see(litter(phase=Phase.ENDED, at_s=180))
    (incident,), (alert,) = site.rows("incident"), site.rows("alert")
    assert incident.ended_at == alert.ended_at == river(180)
    assert len(site.rows("ticket")) == 1


def test_what_comes_back_later_joins_its_incident_with_a_second_alert(site: Site) -> None:
    site.see(litter())
    site.see(litter(phase=Phase.ENDED, at_s=60))
    site.see(litter(started_s=65, at_s=70))
    assert len(site.rows("incident")) == 1
    assert [row.ended_at is None for row in site.rows("alert")] == [False, True]


def test_two_zones_in_which_it_begins_at_once_are_two_incidents(site: Site) -> None:
    site.see(litter())
    site.see(litter(zone="近岸"))
    assert len(site.rows("incident")) == len(site.rows("ticket")) == 2


@pytest.mark.parametrize("phase", list(Phase))
def test_an_error_of_the_store_keeps_nothing_and_the_report_succeeds_later(
    site: Site, jpeg: bytes, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    if phase is not Phase.OPENED:
        site.see(SEEN, jpeg)
    before = site.everything()
    report = site.seen(replace(SEEN, phase=phase, at_s=80, severity=Severity.MAJOR), jpeg)

    def full(*_args: object) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as broken:
        broken.setattr(cameras, "remember", full)  # the last thing in the transaction
        with pytest.raises(sa.exc.OperationalError):
            site.book.take(report)
    assert site.everything() == before
    site.book.take(report)
    (incident,) = site.rows("incident")
    expected = (river(80), "minor") if phase is Phase.ENDED else (None, "major")
    assert (incident.ended_at, incident.severity) == expected


def test_memory_is_stored_with_the_sight(site: Site) -> None:
    def stored() -> dict[str, Any]:
        with site.database.read() as connection:
            return cameras.memories(connection)

    assert stored() == {}
    site.see(litter())
    assert stored() == {"YX-C1": site.memory}
    first = dict(site.memory)
    site.see(litter(phase=Phase.ENDED, at_s=60))
    assert stored() == {"YX-C1": site.memory} != {"YX-C1": first}


def test_a_clip_that_comes_later_joins_the_incident_of_its_sight(site: Site, jpeg: bytes) -> None:
    site.see(litter())
    site.see(SEEN, jpeg)
    assert site.book.take(filmed()) is True
    (clip,) = [row for row in site.rows("evidence") if row.role == "clip"]
    (alert,) = [row for row in site.rows("alert") if row.zone == "YX-P1"]
    assert (clip.incident_id, clip.alert_id) == (alert.incident_id, alert.id)
    assert (clip.media_type, clip.camera_at) == ("video/mp4", river(2))
    assert site.evidence.read(clip.sha256) == CLIP


def test_a_clip_of_something_unknown_is_no_error(site: Site) -> None:
    assert site.book.take(filmed()) is False
    assert site.rows("evidence") == []


def test_a_blind_camera_is_an_incident_without_a_picture(site: Site) -> None:
    blind = litter(
        kind=SightKind.BLIND, zone="", state="lost", score=1.0, count=1, boxes=(), at_s=30.0
    )
    site.see(blind)
    (incident,), (alert,) = site.rows("incident"), site.rows("alert")
    assert (incident.kind, alert.state, alert.zone) == ("blind_camera", "lost", "")
    assert [row.role for row in site.rows("evidence")] == ["track"]
    site.see(replace(blind, phase=Phase.ENDED, at_s=90))
    assert site.rows("incident")[0].ended_at == river(90)


def test_a_discharge_from_an_unregistered_mouth_lies_where_the_camera_stands(site: Site) -> None:
    site.see(replace(SEEN, zone="暗管"))
    (incident,), (alert,) = site.rows("incident"), site.rows("alert")
    assert (incident.reach, alert.place, alert.zone) == ("YX-1", "YX-C1", "暗管")


def test_nothing_new_is_stored_for_a_camera_that_was_taken_away_but_its_incidents_end(
    site: Site, registry: Registry
) -> None:
    site.see(litter())
    site.book.know(registry.with_cameras({}))
    before = site.everything()
    assert site.see(SEEN) is False
    assert site.see(litter(phase=Phase.GREW, at_s=90)) is False
    assert site.everything() == before
    site.see(litter(phase=Phase.ENDED, at_s=99))
    assert site.rows("incident")[0].ended_at == river(99)


def test_a_cameras_state_is_kept_and_only_its_change_is_an_event(site: Site) -> None:
    assert site.book.take(told("connecting")) is True
    assert site.book.take(told("live", 1, received=5)) is True
    assert site.book.take(told("live", 6, received=55)) is False
    assert site.book.take(told("stalled", 7)) is True
    events = [event.data for event in site.rows("event")]
    assert [event["state"] for event in events] == ["connecting", "live", "stalled"]
    assert events[-1] == {"camera": "YX-C1", "state": "stalled", "detail": "断了 / broken"}
    (state,) = site.rows("camera_state")
    assert (state.state, state.at) == ("stalled", river(7))


def test_an_unchanged_state_is_written_twice_a_minute_and_after_a_jump_of_the_clock(
    site: Site,
) -> None:
    def stored_at(second_s: float) -> bool:
        site.book.take(told("live", second_s, received=second_s))
        (state,) = site.rows("camera_state")
        return bool(state.counts["received"] == second_s)

    cases = {0: True, 5: False, 29: False, 30: True, 59: False, -3600: True, -3595: False}
    assert {second_s: stored_at(second_s) for second_s in cases} == cases


def test_what_is_wrong_with_the_list_is_an_event(site: Site) -> None:
    assert site.book.take(Misread(("camera YX-C3: url is missing", "second"))) is True
    assert site.book.take(Misread(())) is True
    wrong, right = (event for event in site.rows("event"))
    assert wrong.kind == right.kind == "camera"
    assert wrong.data["state"] == "misread"
    assert wrong.data["detail"] == "camera YX-C3: url is missing\nsecond"
    assert right.data["state"] == "read"


def test_a_preview_leaves_no_trace(site: Site) -> None:
    before = site.everything()
    assert site.book.take(Shown("YX-C1", WALL_S, 16, 9, b"", (), (), {}, {})) is False
    assert site.everything() == before


@pytest.mark.parametrize(
    "report",
    [
        lambda site: site.seen(SEEN),
        lambda _site: filmed(),
        lambda _site: told(),
        lambda _site: Misread(("x",)),
    ],
)
def test_a_report_at_which_the_gateway_fails_is_set_aside_for_people_to_see(
    site: Site, report: Callable[[Site], Any]
) -> None:
    site.book.set_aside(report(site))
    (row,) = site.rows("rejected")
    assert (row.reason, row.size > 0) == ("internal", True)
    assert row.topic in ("camera/YX-C1", "camera/list")
    assert CLIP not in row.payload
