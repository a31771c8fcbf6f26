"""Streams over HTTP: FLV, transport stream, HLS; and every way in which they fail."""

import pickle
import time
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.fakes.mosquitto import free_port
from tests.fakes.video_server import VideoServer
from tests.gateway.camera.conftest import CODECS, watch
from tests.gateway.camera.films import film
from xunhe.adapters.camera.address import Address
from xunhe.adapters.camera.probe import hints
from xunhe.adapters.camera.trouble import SourceError, Trouble
from xunhe.settings import VisionSettings

Films = Callable[[str, str], Path]
HASTY = VisionSettings(stalled_after_s=1)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("suffix", ["flv", "ts"])
def test_a_live_stream_is_shown_in_the_clocks_time_and_its_end_is_named(
    server: VideoServer, films: Films, codec: str, suffix: str
) -> None:
    server.bodies["/live"] = films(codec, suffix).read_bytes()
    before_s = time.time()
    seen = watch(server.url("/live"))
    assert len(seen.times_s) >= 70  # the decoder's last ones go with the connection
    assert before_s <= seen.times_s[0]
    assert seen.times_s[-1] <= time.time() + 0.5  # by as much as pictures are decoded ahead
    assert seen.times_s == sorted(set(seen.times_s))
    assert seen.error is not None
    assert seen.error.kind is Trouble.ENDED


def test_hls_is_shown(server: VideoServer, films: Films, tmp_path: Path) -> None:
    list_file = tmp_path / "live.m3u8"
    with (
        av.open(str(films("h264", "mp4"))) as source,
        av.open(str(list_file), "w", format="hls", options={"hls_time": "1"}) as hls,
    ):
        stream = hls.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                hls.mux(packet)
    for file in tmp_path.iterdir():
        server.bodies[f"/{file.name}"] = file.read_bytes()
    assert len(watch(server.url("/live.m3u8")).times_s) == 75


def test_a_play_list_cannot_make_the_gateway_read_its_own_files(
    server: VideoServer, films: Films
) -> None:
    own = films("h264", "ts")
    server.bodies["/live.m3u8"] = (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{own}\n#EXT-X-ENDLIST\n"
    ).encode()
    seen = watch(server.url("/live.m3u8"))
    assert not seen.times_s
    assert seen.error is not None


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Trouble.WRONG_PASSWORD),
        (403, Trouble.WRONG_PASSWORD),
        (404, Trouble.NOT_FOUND),
        (503, Trouble.REFUSED),
        (400, Trouble.UNSUPPORTED),
    ],
)
def test_a_refusal_is_named_and_the_password_is_not(
    server: VideoServer, status: int, kind: Trouble
) -> None:
    server.statuses["/live"] = status
    seen = watch(server.url("/live", login="admin:hunter2@"))
    assert seen.error is not None
    assert seen.error.kind is kind
    assert seen.error.__suppress_context__  # FFmpeg's own error holds the address
    for text in (str(seen.error), repr(seen.error), seen.error.text_zh, seen.error.text_en):
        assert "hunter2" not in text
    assert str(pickle.loads(pickle.dumps(seen.error))) == str(seen.error)


def test_a_server_that_is_gone_refuses() -> None:
    seen = watch(f"http://127.0.0.1:{free_port()}/live")
    assert seen.error is not None
    assert seen.error.kind is Trouble.REFUSED


def test_a_page_is_no_video(server: VideoServer) -> None:
    server.bodies["/index"] = b"<html>welcome</html>" * 500
    server.held.add("/index")
    seen = watch(server.url("/index"), settings=HASTY)
    assert seen.error is not None
    assert seen.error.kind in {Trouble.UNSUPPORTED, Trouble.UNREACHABLE}


@pytest.mark.parametrize("suffix", ["ts", "flv"])
def test_a_stream_that_goes_silent_has_stalled(
    server: VideoServer, films: Films, suffix: str
) -> None:
    server.bodies["/live"] = films("h264", suffix).read_bytes()
    server.held.add("/live")
    seen = watch(server.url("/live"), settings=HASTY)
    assert len(seen.times_s) > 60
    assert seen.error is not None
    assert seen.error.kind is Trouble.STALLED


def test_a_server_that_answers_nothing_is_unreachable(server: VideoServer) -> None:
    server.bodies["/live"] = b""
    server.held.add("/live")
    seen = watch(server.url("/live"), settings=HASTY)
    assert seen.error is not None
    assert seen.error.kind is Trouble.UNREACHABLE


def test_a_live_stream_that_changes_its_size_asks_for_a_new_connection(
    server: VideoServer, films: Films, tmp_path: Path
) -> None:
    large = film(tmp_path / "large.ts", size_px=(640, 360))
    server.bodies["/live"] = films("h264", "ts").read_bytes() + large.read_bytes()
    seen = watch(server.url("/live"))
    assert len(seen.times_s) >= 74
    assert {luma.shape for luma in seen.lumas} == {(90, 160)}
    assert seen.error is not None
    assert seen.error.kind is Trouble.CHANGED


def test_a_live_stream_that_changes_its_codec_ends_in_a_named_way(
    server: VideoServer, films: Films
) -> None:
    first, then = (films(codec, "ts").read_bytes() for codec in ("h264", "h265"))
    server.bodies["/live"] = first + then * 2
    server.held.add("/live")
    seen = watch(server.url("/live"), settings=HASTY)
    assert len(seen.times_s) >= 74
    assert seen.error is not None
    assert seen.error.kind in {Trouble.DAMAGED, Trouble.STALLED, Trouble.CHANGED}


def test_the_times_rise_over_a_jump_of_the_cameras_clock(
    server: VideoServer, films: Films, tmp_path: Path
) -> None:
    late = tmp_path / "late.ts"
    with av.open(str(films("h264", "mp4"))) as source, av.open(str(late), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size and packet.pts is not None and packet.dts is not None:
                hour = round(3600 / packet.time_base)
                packet.pts, packet.dts = packet.pts + hour, packet.dts + hour
                packet.stream = stream
                target.mux(packet)
    early = films("h264", "ts").read_bytes()
    server.bodies["/live"] = early + late.read_bytes() + early
    before_s = time.time()
    seen = watch(server.url("/live"))
    assert len(seen.times_s) > 200
    assert seen.times_s == sorted(set(seen.times_s))
    assert before_s <= seen.times_s[0]
    assert seen.times_s[-1] < time.time() + 1


def test_pictures_that_come_late_end_the_connection(server: VideoServer, films: Films) -> None:
    """A backlog is dropped by connecting anew: an old picture is no picture."""
    server.bodies["/live"] = films("h264", "ts").read_bytes()
    ticks = iter(range(10_000))
    seen = watch(server.url("/live"), clock_s=lambda: 1e9 + next(ticks))
    assert seen.error is not None
    assert seen.error.kind is Trouble.STALLED
    assert "late" in seen.error.detail


def test_a_gateway_clock_that_is_set_back_ends_the_connection(
    server: VideoServer, films: Films
) -> None:
    server.bodies["/live"] = films("h264", "ts").read_bytes()
    seconds = iter([1e9] * 30 + [1e9 - 3600] * 200)
    seen = watch(server.url("/live"), clock_s=lambda: next(seconds))
    assert seen.error is not None
    assert seen.error.kind is Trouble.CHANGED


def test_swapped_streams_of_a_camera_are_found_by_looking(
    server: VideoServer, films: Films, tmp_path: Path
) -> None:
    server.bodies["/small"] = films("h264", "ts").read_bytes()
    server.bodies["/large"] = film(tmp_path / "l.ts", size_px=(640, 360)).read_bytes()
    small, large = server.url("/small"), server.url("/large")
    assert hints(Address.parse(large, small), timeout_s=2) == []
    assert len(hints(Address.parse(small, large), timeout_s=2)) == 1
    assert hints(Address.parse(small), timeout_s=2) == []
    with pytest.raises(SourceError):
        hints(Address.parse(small, server.url("/none")), timeout_s=2)
