"""A worker: it takes cameras over and lets them go as it is told, and ends when nobody listens."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from tests.gateway.river_cameras import CAMERAS, SEEN
from xunhe.adapters.camera import worker as module
from xunhe.adapters.camera.domes import Domes
from xunhe.adapters.camera.messages import Dismiss, Drop, Rain, Report, Seen, Show, Watch
from xunhe.adapters.camera.worker import Worker
from xunhe.domain.camera import Turn
from xunhe.domain.zones import WaterZone, Zones
from xunhe.settings import VisionSettings

ONE, TWO = CAMERAS
MARKER = "marker"
SMALLER = Zones((WaterZone("主河道", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))),))


def said(code: str) -> Report:
    """What a camera says when it is looked at."""
    return Seen(replace(SEEN, camera=code), None, {}, {})


class Watched:
    """Writes down what it is told."""

    heard: list[tuple[Any, ...]]
    domes: dict[str, Any]

    def __init__(
        self,
        watch: Watch,
        _eyes: Any,
        _settings: Any,
        say: Any,
        ready: Any,
        _full_rate: Any,
        dome: Any,
    ) -> None:
        self.camera, self.say, self.ready = watch.camera, say, ready
        self.domes[watch.camera.code], self.is_busy = dome, False
        self.note("watch", watch.zones, watch.memory)

    def note(self, *words: Any) -> None:
        if self.camera.code != MARKER:
            self.heard.append((self.camera.code, *words))

    def step(self, _wall_s: float, _steady_s: float) -> bool:
        return False

    def take_over(self, zones: Zones) -> None:
        self.note("zones", zones)

    def take_rain(self, mm_h: float | None) -> None:
        if mm_h is not None:
            self.note("rain", mm_h)

    def dismiss(self, zone: str) -> None:
        self.note("dismiss", zone)

    def show(self) -> None:
        self.note("show")
        self.say(said(self.camera.code))

    def memory(self) -> dict[str, object]:
        return {"of": self.camera.url}

    def stop(self) -> None:
        self.note("stop")


@dataclass
class Gateway:
    """The other end of the pipe."""

    pipe: Connection
    thread: threading.Thread

    def tell(self, *commands: Any) -> list[tuple[Any, ...]]:
        """What the cameras heard of these commands."""
        before = len(Watched.heard)
        for command in commands:
            self.pipe.send(command)
        self.answers()
        return Watched.heard[before:]

    def answers(self) -> list[Report]:
        """Up to that of a camera of our own, by which all before it has been carried out."""
        marker = replace(TWO, code=MARKER)
        for command in (Watch(marker, Zones.whole(), None), Show(MARKER), Drop(MARKER)):
            self.pipe.send(command)
        reports: list[Report] = []
        while reports[-1:] != [said(MARKER)]:
            assert self.pipe.poll(20)
            reports.append(self.pipe.recv())
        return reports


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    Watched.heard, Watched.domes = [], {}
    monkeypatch.setattr(module, "Domes", lambda: Domes(lambda _address: lambda _preset: None))
    monkeypatch.setattr(module, "Watched", Watched)
    here, there = Pipe()
    eyes: Any = None
    thread = threading.Thread(target=Worker(there, VisionSettings(), eyes).run)
    thread.start()
    yield Gateway(here, thread)
    here.close()
    thread.join(60)
    there.close()
    assert not thread.is_alive()


def test_a_camera_is_watched_shown_and_let_go(gateway: Gateway) -> None:
    heard = gateway.tell(Watch(ONE, SMALLER, {"v": 1}), Show(ONE.code), Drop(ONE.code))
    whole = ("YX-C1", "watch", SMALLER, {"v": 1})
    assert heard == [whole, ("YX-C1", "show"), ("YX-C1", "stop")]


def test_what_a_camera_says_reaches_the_gateway(gateway: Gateway) -> None:
    for command in (Watch(ONE, Zones.whole(), None), Show(ONE.code)):
        gateway.pipe.send(command)
    assert gateway.answers()[0] == said(ONE.code)


def test_other_zones_are_taken_over_while_it_runs(gateway: Gateway) -> None:
    gateway.tell(Watch(ONE, Zones.whole(), None))
    assert gateway.tell(Watch(ONE, SMALLER, None)) == [("YX-C1", "zones", SMALLER)]


def test_another_address_is_another_stream_with_the_same_memory(gateway: Gateway) -> None:
    gateway.tell(Watch(ONE, Zones.whole(), None))
    moved = replace(ONE, url="rtsp://192.0.2.9/main")
    stop, watch = gateway.tell(Watch(moved, Zones.whole(), {"of": "the gateway's, older"}))
    assert stop == ("YX-C1", "stop")
    assert watch == ("YX-C1", "watch", Zones.whole(), {"of": ONE.url})


def test_commands_for_cameras_that_have_gone_are_no_error(gateway: Gateway) -> None:
    assert gateway.tell(Drop("gone"), Show("gone")) == []


def test_it_ends_and_lets_all_streams_go_when_nobody_listens(gateway: Gateway) -> None:
    gateway.tell(Watch(ONE, Zones.whole(), None), Watch(TWO, Zones.whole(), None))
    gateway.pipe.close()
    gateway.thread.join(60)
    assert not gateway.thread.is_alive()
    assert Watched.heard[-2:] == [("YX-C1", "stop"), ("YX-C2", "stop")]


def test_the_views_of_one_dome_camera_share_its_tour(gateway: Gateway) -> None:
    turn = Turn("http://192.0.2.9/onvif/device_service", "1")
    views = [replace(ONE, turn=turn), replace(TWO, turn=replace(turn, preset="2"))]
    gateway.tell(*(Watch(view, Zones.whole(), None) for view in views))
    assert Watched.domes["YX-C1"] is Watched.domes["YX-C2"] is not None
    assert Watched.domes["YX-C1"].views == {"YX-C1", "YX-C2"}
    gateway.tell(Drop("YX-C2"))
    assert Watched.domes["YX-C1"].views == {"YX-C1"}


def test_rain_is_told_to_every_camera_and_to_those_that_come_later(gateway: Gateway) -> None:
    heard = gateway.tell(
        Watch(ONE, Zones.whole(), None), Rain(2.5), Watch(TWO, Zones.whole(), None)
    )
    assert ("YX-C1", "rain", 2.5) in heard
    assert ("YX-C2", "rain", 2.5) in heard


def test_a_false_alarm_is_told_to_its_camera_alone(gateway: Gateway) -> None:
    gateway.tell(Watch(ONE, Zones.whole(), None), Watch(TWO, Zones.whole(), None))
    assert gateway.tell(Dismiss("YX-C1", "YX-P1")) == [("YX-C1", "dismiss", "YX-P1")]
