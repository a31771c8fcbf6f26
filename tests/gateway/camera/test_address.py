"""Operators type addresses in many ways; none of them may show its password."""

import pickle

import pytest

from xunhe.adapters.camera.address import Address, AddressError, Endpoint, Way
from xunhe.adapters.camera.probe import Facts, swapped_hint

ADDRESSES = (  # as typed, for FFmpeg, as shown
    (
        "rtsp://admin:hunter2@10.0.0.8:554/Streaming/Channels/102",
        "rtsp://admin:hunter2@10.0.0.8:554/Streaming/Channels/102",
        "rtsp://admin:***@10.0.0.8:554/Streaming/Channels/102",
    ),
    (  # @, # and / in the password, typed in as they are
        "rtsp://admin:a@b#hunter2@cam.local/live",
        "rtsp://admin:a%40b%23hunter2@cam.local/live",
        "rtsp://admin:***@cam.local/live",
    ),
    (
        "rtsp://admin:hunter2/x@cam.local:554/live",
        "rtsp://admin:hunter2%2Fx@cam.local:554/live",
        "rtsp://admin:***@cam.local:554/live",
    ),
    (  # encoded already: not twice
        "rtsp://admin:hunter2%40@cam.local/live",
        "rtsp://admin:hunter2%40@cam.local/live",
        "rtsp://admin:***@cam.local/live",
    ),
    ("rtsp://cam.local:554/live@1", "rtsp://cam.local:554/live@1", "rtsp://cam.local:554/live@1"),
    (  # a camera whose login is in its path
        "rtsp://10.0.0.8:554/user=admin&password=hunter2&channel=1&stream=1.sdp",
        "rtsp://10.0.0.8:554/user=admin&password=hunter2&channel=1&stream=1.sdp",
        "rtsp://10.0.0.8:554/user=admin&password=***&channel=1&stream=1.sdp",
    ),
    (  # a platform's token
        "https://cloud.example/live/7.flv?accessToken=hunter2&channel=2",
        "https://cloud.example/live/7.flv?accessToken=hunter2&channel=2",
        "https://cloud.example/live/7.flv?accessToken=***&channel=2",
    ),
    ("rtmp://host/live/7?wsSecret=hunter2", "rtmp://host/live/7?wsSecret=hunter2", "***"),
    ("/data/2026-10-20.mp4", "/data/2026-10-20.mp4", "/data/2026-10-20.mp4"),
    ("file:///data/x.mp4", "/data/x.mp4", "/data/x.mp4"),
)


@pytest.mark.parametrize(("typed", "url", "shown"), ADDRESSES)
def test_an_address_goes_whole_to_ffmpeg_and_without_its_password_to_people(
    typed: str, url: str, shown: str
) -> None:
    endpoint = Endpoint.parse(typed)
    assert endpoint.url == url
    assert endpoint.shown.endswith(shown)
    for text in (str(endpoint), repr(endpoint), repr(Address.parse(typed)), f"{endpoint}"):
        assert "hunter2" not in text


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ("rtsps://cam/live", Way.RTSP),
        ("RTSP://cam/live", Way.RTSP),
        ("http://cam/live.m3u8", Way.HTTP),
        ("rtmp://cam/live/1", Way.RTMP),
        ("/dev/video0", Way.USB),
        ("v4l2:///dev/video1", Way.USB),
        ("recordings/", Way.FILE),
    ],
)
def test_the_way_is_told_by_scheme_or_path(typed: str, way: Way) -> None:
    assert Endpoint.parse(typed).way is way


@pytest.mark.parametrize("typed", ["", "  ", "ftp://user:hunter2@cam/x", "rtsp://", "rtsp://u:p@"])
def test_what_names_no_camera_is_refused_without_showing_a_password(typed: str) -> None:
    with pytest.raises(AddressError) as refused:
        Endpoint.parse(typed)
    assert "hunter2" not in str(refused.value)


def test_the_substream_is_decoded_where_there_is_one() -> None:
    assert Address.parse("rtsp://c/1").decoded.url == "rtsp://c/1"
    assert Address.parse("rtsp://c/1", "rtsp://c/2").decoded.url == "rtsp://c/2"


def test_an_address_survives_the_way_to_a_worker() -> None:
    address = Address.parse("rtsp://u:hunter2@c/1", "rtsp://u:hunter2@c/2")
    assert pickle.loads(pickle.dumps(address)) == address


def test_rtsp_goes_over_tcp_with_a_time_limit_in_microseconds() -> None:
    options = Endpoint.parse("rtsp://cam/live").options(10, 0.1)
    assert options["rtsp_transport"] == "tcp"
    assert options["timeout"] == "10000000"
    assert Endpoint.parse("http://cam/x.flv").options(2.5, 0.1)["rw_timeout"] == "2500000"


def test_a_play_list_may_not_open_files_nor_a_recording_addresses() -> None:
    http = Endpoint.parse("http://cam/live.m3u8").options(1, 0.1)["protocol_whitelist"].split(",")
    assert "file" not in http
    assert Endpoint.parse("x.mp4").options(1, 0.1)["protocol_whitelist"] == "file"


def test_swapped_streams_are_hinted_at() -> None:
    large, small = Facts("h264", 1920, 1080), Facts("h264", 640, 360)
    assert swapped_hint(large, small) is None
    assert swapped_hint(large, large) is None
    hint = swapped_hint(small, large)
    assert hint is not None
    assert "1920×1080" in hint
