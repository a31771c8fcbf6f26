"""The thread that keeps a stream coming: what it says of its link, its frames and its clips."""

import io
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import av
import pytest

from tests.fakes.video_server import VideoServer
from tests.gateway.river_cameras import CAMERAS
from xunhe.adapters.camera import reader as module
from xunhe.adapters.camera.reader import Reader, Wanted
from xunhe.settings import VisionSettings

Films = Callable[[str, str], Path]
SETTINGS = VisionSettings(stalled_after_s=1, gate_width_px=160, pre_roll_s=2, post_roll_s=1)
_LONG_S = 60.0


@dataclass
class EveryFrame:
    wants_every_frame: bool = True


@pytest.fixture(autouse=True)
def no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "random", lambda: 0.0)


@contextmanager
def reading(url: str | Path) -> Iterator[Reader]:
    camera = replace(CAMERAS[0], url=str(url))
    reader = Reader(camera, SETTINGS, EveryFrame(), lambda: None)
    reader.start()
    try:
        yield reader
    finally:
        reader.stop()
        reader._thread.join(_LONG_S)


def wait_for(holds: Callable[[], bool]) -> None:
    """However slow the machine is."""
    until_s = time.monotonic() + _LONG_S
    while not holds():
        assert time.monotonic() < until_s, "it never came"
        time.sleep(0.01)


def seconds(mp4: bytes) -> float:
    with av.open(io.BytesIO(mp4)) as container:
        assert container.duration is not None
        return container.duration / av.time_base


def test_a_stream_that_breaks_off_is_connected_again_and_its_counts_go_on(
    server: VideoServer, films: Films
) -> None:
    server.bodies["/live"] = films("h264", "ts").read_bytes()
    with reading(server.url("/live")) as reader:
        assert (reader.link.state, reader.age_s()) == ("connecting", None)
        wait_for(lambda: reader.link.state == "live")
        wait_for(lambda: reader.link.state == "ended")
        wait_for(lambda: reader.counts().get("connections", 0) >= 2)
        wait_for(lambda: reader.counts()["received"] > 75)
        assert reader.age_s() is not None


def test_what_is_wrong_stays_on_show_until_a_frame_comes(server: VideoServer, films: Films) -> None:
    server.statuses["/live"] = 503
    states = set()
    with reading(server.url("/live")) as reader:
        wait_for(lambda: reader.link.state == "refused")
        server.bodies["/live"] = films("h264", "ts").read_bytes()
        server.held.add("/live")
        del server.statuses["/live"]

        def is_live() -> bool:
            states.add(reader.link.state)
            return reader.link.state == "live"

        wait_for(is_live)
    assert states == {"refused", "live"}


def test_a_wrong_password_is_named_and_shown_nowhere(
    server: VideoServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.statuses["/live"] = 401
    with reading(server.url("/live", "admin:geheim@")) as reader:
        wait_for(lambda: reader.link.state == "wrong_password")
        assert not reader.is_over, "the password may be set right at the camera"
        assert "geheim" not in f"{reader.link} {caplog.text}"


def test_a_recording_plays_at_its_own_pace_in_the_machines_time_and_is_over(films: Films) -> None:
    begun_s = time.time()
    with reading(films("h264", "mp4")) as reader:
        times_s = []

        def is_over() -> bool:
            if arrived := reader.latest.take(time.monotonic()):
                times_s.append(arrived.time_s)
                assert arrived.view.time_s == arrived.time_s <= time.time()
            return reader.is_over

        wait_for(is_over)
        assert reader.link.state == "ended"
        assert not reader.has_failed
    assert begun_s <= times_s[0]
    assert time.time() - begun_s >= 2.9


def test_an_address_that_is_none_is_told_and_not_tried_again() -> None:
    with reading("gopher://river") as reader:
        wait_for(lambda: reader.link.state == "bad_address")
        wait_for(lambda: reader.is_over)


def test_a_clip_of_a_recording_holds_what_was_asked_for(films: Films) -> None:
    with reading(films("h264", "mp4")) as reader:
        wait_for(lambda: reader.age_s() is not None)
        clips: list[bytes] = []
        begun_s = reader._ring_begun_s
        reader.want(Wanted(begun_s + 1, begun_s + 2, clips.append))
        wait_for(lambda: bool(clips))
    assert seconds(clips[0]) == pytest.approx(1, abs=0.2)


def test_a_stream_that_breaks_off_gives_what_it_has_of_a_clip(
    server: VideoServer, films: Films
) -> None:
    """Somebody who cuts a camera's cable does it just after the deed."""
    server.bodies["/live"] = films("h264", "ts").read_bytes()
    server.held.add("/live")
    with reading(server.url("/live")) as reader:
        wait_for(lambda: reader.age_s() is not None)
        clips: list[bytes] = []
        reader.want(Wanted(time.time() - 5, time.time() + 3600, clips.append))
        server.over.set()
        wait_for(lambda: bool(clips))
    with av.open(io.BytesIO(clips[0])) as container:
        assert sum(packet.size > 0 for packet in container.demux()) > 50


def test_an_error_that_nobody_foresaw_is_noticed(
    films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(module, "_summed", broken)
    monkeypatch.setattr(module.threading, "excepthook", lambda _args: None)
    with reading(films("h264", "mp4")) as reader:
        wait_for(lambda: reader.has_failed)
    assert not reader.has_failed, "one that was stopped has not failed"


def test_a_reader_that_rests_lets_the_stream_go_and_connects_again_when_it_wakes(
    server: VideoServer, films: Films
) -> None:
    server.bodies["/live"] = films("h264", "ts").read_bytes()
    server.held.add("/live")
    with reading(server.url("/live")) as reader:
        wait_for(lambda: reader.link.state == "live")
        reader.rest()
        assert reader.is_resting
        wait_for(lambda: reader.latest.take(0.0) is None)
        before = reader.counts()["connections"]
        reader.wake()
        assert reader.age_s() is None
        wait_for(lambda: reader.counts()["connections"] > before and reader.age_s() is not None)
