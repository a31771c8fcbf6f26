"""Row 25 of the river-chief functions, through the whole gateway.

“某次支流出现氨氮超标预警，平台迅速定位，环保部门立即排查上游，发现并制止了一起非法养殖废水直排事件”:
ammonia on a tributary, and the farm upstream that lets its waste water go.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gateway.conftest import START, Buoy, StandingClock, minutes
from tests.stores import migrated_file
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import devices, external, queries
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.traces import find_trace
from xunhe.domain.external import ExternalValue
from xunhe.domain.registry import Registry, Station
from xunhe.water.reasons import ReasonKind
from xunhe.water.trace import Trace
from xunhe_tools.virtual_river.model import River
from xunhe_tools.virtual_river.network import Network, Place, ReachFlow
from xunhe_tools.virtual_river.script import Discharge, Script, default_script

FARM = "BJ-W1"
BEGIN_S = START.timestamp() + 5 * 3600


def flows(registry: Registry) -> tuple[ReachFlow, ...]:
    return tuple(
        ReachFlow(
            r.code, r.downstream, r.length_m, r.velocity_m_s, r.dispersion_m2_s, r.discharge_m3_s
        )
        for r in registry.reaches.values()
    )


@pytest.fixture(scope="module")
def brook(registry: Registry) -> Registry:
    """The demo's river with a buoy near the end of the tributary."""
    buoy = Station("BJ-S1", "北涧浮标", "Beijian buoy", "BJ-1", 1600, (119.435, 30.3226), 300)
    return replace(registry, stations={**registry.stations, buoy.code: buoy})


@dataclass(frozen=True)
class Story:
    registry: Registry
    database: Database
    river: River

    def trace(self, incident_id: int = 1) -> Trace:
        with self.database.read() as connection:
            found = find_trace(connection, incident_id)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def story(brook: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A night: the farm lets go for two hours; the brook's buoy and those below see it."""
    farm = brook.sources[FARM]
    waste = Discharge("BJ-1", farm.position_m, BEGIN_S, 7200, 0.015, 420.0, 2600.0)
    river = River(Network(flows(brook)), Script((waste,)), 7)
    told = Story(brook, opened(tmp_path_factory.mktemp("row25")), river)
    tell(told, minutes(8 * 60), minutes(5))
    yield told
    told.database.close()


def opened(folder: Path) -> Database:
    database = Database(migrated_file(folder / "xunhe.sqlite3"))
    return database


def tell(story: Story, lasting: timedelta, every: timedelta) -> None:
    """What the river's buoys measure goes into the gateway, as they send it."""
    clock, noise = StandingClock(), random.Random(1)
    ingest = Ingest(story.database, story.registry, clock, shipped())
    buoys = enrolled(story.database, story.registry)
    while clock.at < START + lasting:
        messages = []
        for code, buoy in buoys.items():
            at = story.registry.stations[code]
            water = story.river.water(Place(at.reach, at.position_m), clock.at.timestamp())
            record = buoy.read(
                clock.at,
                ph=water.ph + noise.gauss(0, 0.02),
                do_mg_l=water.do_mg_l + noise.gauss(0, 0.05),
                nh3n_mg_l=water.nh3n_mg_l * (1 + noise.gauss(0, 0.03)),
            )
            messages.append(buoy.send(record))
        ingest.take(messages)
        clock.at += every


def enrolled(database: Database, registry: Registry) -> dict[str, Buoy]:
    buoys = {}
    with database.write() as connection:
        for i, code in enumerate(registry.stations):
            buoy = Buoy(code, bytes([2, 0, 0, 0, 1, i]), bytes([i + 1] * 32))
            devices.enrol(connection, devices.Device(buoy.address.hex(), code, buoy.key), START)
            buoys[code] = buoy
    return buoys


def test_the_farm_is_the_first_suspect_of_the_one_incident(story: Story) -> None:
    with story.database.read() as connection:
        incidents = queries.incidents(connection, 10)
        seen = {row.station for row in queries.witnesses(connection, incidents[0].id)}
    assert [(row.reach, row.kind) for row in incidents] == [("BJ-1", "discharge")]
    assert {"BJ-S1", "YX-S2"} <= seen
    assert story.trace().suspects[0].source == FARM


def test_only_what_lies_above_the_brooks_buoy_is_suspected_when_it_opens(story: Story) -> None:
    assert {suspect.source for suspect in story.trace().suspects[:2]} == {FARM, "BJ-W2"}
    others = story.trace().suspects[2:]
    assert all(
        any(reason.kind is ReasonKind.OTHER_WATER for reason in suspect.reasons)
        for suspect in others
    ), "what came in below the brook cannot have reached the brook's buoy"


def test_the_farms_reasons_name_its_findings_its_permit_and_its_water(story: Story) -> None:
    kinds = {reason.kind for reason in story.trace().suspects[0].reasons}
    assert {ReasonKind.FINDINGS, ReasonKind.PERMIT, ReasonKind.WATER, ReasonKind.TRAVEL} <= kinds


def test_the_release_lies_in_the_span_that_recordings_are_to_be_searched(story: Story) -> None:
    farm = story.trace().suspects[0]
    assert farm.released_from_s <= BEGIN_S <= farm.released_to_s
    assert farm.released_to_s - farm.released_from_s < 2 * 3600


def test_the_section_and_the_intake_are_reached_when_it_was_said(story: Story) -> None:
    arrivals = {arrival.place: arrival for arrival in story.trace().arrivals}
    for code in ("YX-D1", "YX-Q1", "YX-D2"):
        at = story.registry.place(code)
        true_s = story.river.arrival_s(Place(at.reach, at.position_m), 0.4)
        assert true_s is not None
        assert arrivals[code].early_s <= true_s <= arrivals[code].late_s, code


def test_the_demos_own_discharge_is_traced_to_the_source_at_its_outfall(
    registry: Registry, tmp_path: Path
) -> None:
    outfall = registry.outfalls["YX-P1"]
    reach = next(flow for flow in flows(registry) if flow.code == outfall.reach)
    script = default_script(START.timestamp(), reach, outfall.position_m)
    river = River(Network(flows(registry)), script, 1)
    demo = Story(registry, opened(tmp_path), river)
    tell(demo, minutes(76), minutes(2))
    suspect = demo.trace().suspects[0]
    assert suspect.source == "YX-W1"
    assert ReasonKind.WATER in {reason.kind for reason in suspect.reasons}, "weighed at once"
    assert "YX-Q1" in {arrival.place for arrival in demo.trace().arrivals}
    demo.database.close()


def test_a_level_that_somebody_brought_in_changes_the_velocity(
    brook: Registry, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spans = []
    for level_m in (None, 2.0):
        database = opened(tmp_path_factory.mktemp("level"))
        clock = StandingClock()
        if level_m is not None:
            value = ExternalValue("YX-S2", "level_m", START, level_m)
            with database.write() as connection:
                origin = external.Origin("水文站", "test", "api")
                external.insert(connection, [value], origin, START)
        ingest = Ingest(database, brook, clock, shipped())
        buoy = enrolled(database, brook)["YX-S2"]
        clock.at = START + minutes(120)
        readings = [
            buoy.read(START + minutes(2 * i), nh3n_mg_l=3.0 if i >= 45 else 0.35) for i in range(60)
        ]
        ingest.take([buoy.send(reading) for reading in readings])
        trace = Story(brook, database, River(Network(flows(brook)), Script(), 7)).trace()
        section = next(a for a in trace.arrivals if a.place == "YX-D1")
        spans.append(timedelta(seconds=section.late_s - section.early_s))
        database.close()
    assert spans[1] < spans[0], "water that runs faster comes within a shorter span"
