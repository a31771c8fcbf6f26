"""What a live connection hides while its packets flow."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest

from tests.fakes.video_server import VideoServer
from tests.gateway.camera.conftest import watch
from tests.gateway.camera.films import film
from xunhe.adapters.camera import connection
from xunhe.adapters.camera.address import Endpoint
from xunhe.adapters.camera.trouble import SourceError, Trouble

CAMERA = Endpoint.parse("rtsp://cam/live")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the connection measures its waits in."""
    now = [0.0]
    monkeypatch.setattr(connection, "monotonic", lambda: now[0])
    return now


def sound_and_picture(clock: list[float], sound_only_from: int) -> Any:
    """A container with a packet of sound each second, and of picture up to a certain one."""

    def demux() -> Iterator[Any]:
        for number in range(60):
            clock[0] = float(number)
            yield SimpleNamespace(stream_index=1, size=10)
            if number < sound_only_from:
                yield SimpleNamespace(stream_index=0, size=10)

    return SimpleNamespace(demux=demux)


def test_sound_does_not_hide_that_the_picture_has_stopped(clock: list[float]) -> None:
    container, stream = sound_and_picture(clock, sound_only_from=20), SimpleNamespace(index=0)
    with pytest.raises(SourceError) as stalled:
        list(connection.packets(container, stream, CAMERA, timeout_s=10))  # type: ignore[arg-type]
    assert stalled.value.kind is Trouble.STALLED
    assert clock[0] == 30  # the last picture came at 19


def test_sound_beside_a_picture_that_goes_on_is_nothing(clock: list[float]) -> None:
    container, stream = sound_and_picture(clock, sound_only_from=60), SimpleNamespace(index=0)
    packets = list(connection.packets(container, stream, CAMERA, timeout_s=10))  # type: ignore[arg-type]
    assert len(packets) == 60


def test_a_stream_without_key_frames_says_what_to_set(server: VideoServer, tmp_path: Path) -> None:
    """It would never show anything."""
    keyless = tmp_path / "keyless.ts"
    with (
        av.open(str(film(tmp_path / "a.mp4", frames=90, group=1000))) as source,
        av.open(str(keyless), "w") as target,
    ):
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size and not packet.is_keyframe:
                packet.pts = packet.dts = packet.pts * 25  # one a second
                packet.stream = stream
                target.mux(packet)
    server.bodies["/live"] = keyless.read_bytes()
    seconds = iter(range(1_000_000_000, 1_000_000_400))
    seen = watch(server.url("/live"), clock_s=lambda: float(next(seconds)))
    assert seen.times_s == []
    assert seen.error is not None
    assert seen.error.kind is Trouble.UNSUPPORTED
    assert "I-frame interval" in seen.error.detail


@pytest.mark.parametrize("width_px", [100_000, 8000])
def test_a_picture_that_would_fill_the_memory_is_refused(width_px: int) -> None:
    with pytest.raises(SourceError) as refused:
        connection.check_size(width_px, 6000)
    assert refused.value.kind is Trouble.UNSUPPORTED
    connection.check_size(7680, 4320)  # 8K


def test_a_file_with_sound_alone_has_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        stream.layout = "mono"
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.sample_rate = 16_000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    seen = watch(tmp_path / "sound.mp4")
    assert seen.error is not None
    assert "no video" in seen.error.detail


def test_a_view_arrives_with_the_gateways_time_beside_the_cameras(
    server: VideoServer, films: Callable[[str, str], Path]
) -> None:
    from tests.gateway.camera.conftest import SETTINGS
    from xunhe.adapters.camera.address import Address
    from xunhe.adapters.camera.source import CameraSource

    server.bodies["/live"] = films("h264", "ts").read_bytes()
    source = CameraSource(Address.parse(server.url("/live")), SETTINGS, lambda: 1e9)
    first = next(source.frames(lambda: True))
    assert first.arrived_s == first.time_s == first.view.time_s == 1e9
