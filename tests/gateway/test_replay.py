"""A recording replays to the same alerts byte for byte, whatever happened while it was made."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gateway.conftest import START, Site, minutes, rules_with
from tests.gateway.river_cameras import with_cameras
from tests.gateway.test_grouping_cameras import FLOWS
from tests.gateway.test_incidents import arrival
from xunhe.adapters.ingest import Ingest, Message
from xunhe.adapters.recording import Recorder
from xunhe.adapters.recording_lines import (
    Ended,
    Entered,
    Event,
    Measured,
    RecordingError,
    Renewed,
    from_line,
    to_line,
)
from xunhe.adapters.replay import alerts, read, replay
from xunhe.adapters.rules_file import shipped, shipped_tables
from xunhe.adapters.store import silences
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.alerts.muting import Labels
from xunhe.domain.incident import Cleared
from xunhe.domain.network import Network
from xunhe.domain.observation import Sample

ROUNDS = 55  # of the buoys, every two minutes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "recording.jsonl"


def gateway(site: Site, path: Path) -> Ingest:
    """The gateway's ingest after a start, with a recorder."""
    recorder = Recorder(path, shipped_tables())
    return Ingest(site.database, site.registry, site.clock, shipped(), recorder)


def told(site: Site, path: Path) -> list[str]:
    """What the store holds of the alerts since the recording began."""
    with site.database.read() as connection:
        return list(alerts(connection, read(path).begins_at))


def replayed(site: Site, path: Path) -> list[str]:
    recording = read(path)
    return replay(recording, with_cameras(site.registry), recording.rules)


def story(site: Site) -> list[Message]:
    """Frames of the three buoys: a plume reaches S1 after forty minutes, and S2 ninety."""
    messages = []
    for i in range(ROUNDS):
        at = START + minutes(2 * i)
        for code, buoy in site.buoys.items():
            has_come = at >= START + arrival(site.registry, code) - minutes(80)
            nh3n, do = (3.1, 5.1) if has_come else (0.35, 7.2)
            messages.append(buoy.send(buoy.read(at, nh3n_mg_l=nh3n, do_mg_l=do)))
    return messages


def as_it_goes(site: Site, messages: Iterable[Message], take: Callable[[Message], None]) -> None:
    """Each message at its own time, the clock two minutes on after a round of the buoys."""
    for i, message in enumerate(messages):
        site.clock.at = START + minutes(2 * (i // len(site.buoys)) + 1)
        take(message)


def test_a_discharge_replays_byte_for_byte(site: Site, path: Path) -> None:
    ingest = gateway(site, path)

    def take(message: Message) -> None:
        ingest.take([message])
        ingest.listen()

    as_it_goes(site, story(site), take)
    stored = told(site, path)
    assert len(stored) >= 3
    assert replayed(site, path) == stored


def test_a_restart_between_any_two_messages_changes_neither_alerts_nor_recording(
    site: Site, path: Path, tmp_path: Path
) -> None:
    """Killed after every commit: what is in memory is gone each time."""
    messages = story(site)
    as_it_goes(site, messages, lambda message: gateway(site, path).take([message]) and None)
    stored = told(site, path)
    assert replayed(site, path) == stored
    without = [line for line in path.read_text("utf-8").splitlines() if '"started"' not in line]
    assert sum('"measured"' in line for line in without) == len(messages)
    assert {json.loads(line)["rule"] for line in stored} >= {"ammonia_step", "oxygen_fall"}


def test_a_backlog_after_live_data_replays_alike(site: Site, path: Path) -> None:
    backlog = story(site)
    site.clock.at = START + timedelta(days=2)
    live = site.buoys["YX-S1"].send(site.buoys["YX-S1"].read(site.clock.at))
    ingest = gateway(site, path)
    for message in [live, *backlog]:
        ingest.take([message])
    assert len(told(site, path)) >= 3
    assert replayed(site, path) == told(site, path)


def test_what_a_failed_transaction_left_in_the_file_is_cut_off(site: Site, path: Path) -> None:
    ingest = gateway(site, path)
    buoy = site.buoys["YX-S1"]
    ingest.take([buoy.send(buoy.read(START))])
    good = path.read_bytes()
    with path.open("ab") as file:
        file.write(b'{"step":"measured","at":"half a li')
    site.clock.at += minutes(2)
    ingest.take([buoy.send(buoy.read(START + minutes(2)))])
    assert path.read_bytes().startswith(good)
    assert sum(isinstance(step, Measured) for step in read(path).steps) == 2


def test_a_recording_begun_on_a_running_gateway_carries_its_state(site: Site, path: Path) -> None:
    messages = story(site)
    half = 2 * len(messages) // 3  # the plume is at S1 and not yet at S2
    as_it_goes(site, messages[:half], lambda message: site.ingest.take([message]) and None)
    site.clock.at = START + minutes(2 * ROUNDS)
    ingest = gateway(site, path)
    for message in messages[half:]:
        ingest.take([message])
    stored = told(site, path)
    assert stored, "S2 is reached after the recording has begun"
    assert all(json.loads(line)["incident_station"] == "YX-S1" for line in stored)
    assert replayed(site, path) == stored


def test_silences_and_sights_are_part_of_a_recording(site: Site, path: Path) -> None:
    ingest = gateway(site, path)
    recorder = Recorder(path, shipped_tables())
    book = IncidentBook(Network(with_cameras(site.registry)), shipped())
    later = replace(FLOWS, at=START + minutes(30))
    with site.database.write() as connection:
        silences.add(connection, Labels(zone="YX-P1"), START, START + minutes(10), "站长", "演练")
    steps: list[Event] = [
        Renewed(START + minutes(1), FLOWS),  # hidden by the silence
        Renewed(START + minutes(31), later),
        Ended(
            START + minutes(40), Cleared(later.rule, later.station, START + minutes(39), "YX-P1")
        ),
    ]
    for step in steps:
        with site.database.write() as connection:
            if isinstance(step, Renewed):
                book.renew(connection, step.finding, step.at)
            elif isinstance(step, Ended):
                book.clear(connection, step.cleared, step.at)
            recorder.keep(connection, [step])
    ingest.take([])
    assert len(told(site, path)) == 1
    assert replayed(site, path) == told(site, path)


def test_other_rules_raise_other_alerts_on_the_same_recording(site: Site, path: Path) -> None:
    ingest = gateway(site, path)
    messages = story(site)
    as_it_goes(site, messages, lambda message: ingest.take([message]) and None)
    recording = read(path)
    book = rules_with({"oxygen_fall": {"enabled": False}, "ammonia_step": {"least": 5}})
    rules = [json.loads(line)["rule"] for line in replay(recording, site.registry, book)]
    assert set(rules) == {"class_worse_than_target"}


@pytest.mark.parametrize(
    "step",
    [
        Measured(START, Sample("S", START, {"ph": (7.123456789, 1), "x": (None, 9)}), "d", 1, 2),
        Renewed(START, FLOWS),
        Ended(START, Cleared("seen_discharge", "YX-C1", START, "YX-P1", "停", "over")),
        Entered("silence", {"id": 1, "starts_at": START, "reason": "清淤", "station": None}),
    ],
)
def test_a_step_comes_back_from_its_line_as_it_was(step: Event) -> None:
    assert from_line(to_line(step)) == step


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("", "line 1 is not the head"),
        ('{"xunhe_recording": 9}\n', "version 9, not 1"),
        ("not json\n", "line 1"),
    ],
)
def test_what_is_no_recording_is_named(tmp_path: Path, lines: str, message: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(lines)
    with pytest.raises(RecordingError, match=message):
        read(path)


@pytest.mark.parametrize("line", ["{}", "[]", '{"step":"danced"}', '{"step":"heard"}', "{"])
def test_a_wrong_line_is_named_by_its_number(site: Site, path: Path, line: str) -> None:
    gateway(site, path)
    whole = path.read_text("utf-8")
    path.write_text(whole + line + "\n")
    with pytest.raises(RecordingError, match=f"line {len(whole.splitlines()) + 1}"):
        read(path)


def test_another_registry_is_refused_by_name(site: Site, path: Path) -> None:
    ingest = gateway(site, path)
    buoy = site.buoys["YX-S1"]
    ingest.take([buoy.send(buoy.read(START))])
    recording = read(path)
    stations = {code: s for code, s in site.registry.stations.items() if code != "YX-S1"}
    outfalls = {code: replace(each, stations=()) for code, each in site.registry.outfalls.items()}
    other = replace(site.registry, stations=stations, outfalls=outfalls)
    with pytest.raises(RecordingError, match="YX-S1"):
        replay(recording, other, recording.rules)
