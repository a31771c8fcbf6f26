"""The virtual cameras' streams: real H.264 over HTTP, many clients, each from a key frame."""

import base64
import io
import json
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.tools.rivers import START_S
from xunhe.adapters import cameras_file
from xunhe.adapters.registry_file import load
from xunhe_tools.demo.plan import SCENES, lay_out, make_plan
from xunhe_tools.virtual_river.camera_config import cameras_from
from xunhe_tools.virtual_river.camera_server import CameraServer, Channel, Listener
from xunhe_tools.virtual_river.camera_stream import Chunk, Encoder
from xunhe_tools.virtual_river.strict import ConfigError

SIZE = (320, 180)
FPS = 10.0


def picture(number: int) -> np.ndarray:
    grain = np.random.default_rng(5).integers(60, 160, (SIZE[1], SIZE[0], 3), np.uint8)
    return np.roll(grain, number, axis=1)


def encoded(frames: int) -> tuple[Encoder, list[dict[str, Chunk]]]:
    encoder = Encoder(*SIZE, FPS, 400_000)
    packets = [
        chunks
        for number in range(frames)
        for chunks in encoder.encode(picture(number), number / FPS)
    ]
    return encoder, packets


@pytest.mark.parametrize("kind", ["flv", "ts"])
@pytest.mark.parametrize("from_key", [0, 1])
def test_a_stream_decodes_from_every_key_frame(kind: str, from_key: int) -> None:
    encoder, packets = encoded(45)
    keys = [number for number, chunks in enumerate(packets) if chunks[kind].is_key]
    assert keys == [0, 20, 40], "a key frame every two seconds"
    data = encoder.preludes[kind]
    data += b"".join(chunks[kind].data for chunks in packets[keys[from_key] :])
    with av.open(io.BytesIO(data)) as container:
        (stream,) = container.streams.video
        frames = list(container.decode(stream))
    assert stream.codec_context.name == "h264"
    assert len(frames) == 45 - keys[from_key]
    assert (frames[0].width, frames[0].height) == SIZE
    assert frames[0].key_frame
    shown = frames[0].to_ndarray(format="bgr24").astype(int)
    assert np.abs(shown - picture(keys[from_key])).mean() < 40


def test_times_are_those_of_the_frames_also_where_some_were_left_out() -> None:
    encoder = Encoder(*SIZE, FPS, 400_000)
    times_s = [0.0, 0.1, 0.9, 1.0, 4.25]
    packets = [c for t in times_s for c in encoder.encode(picture(round(t * 10)), t)]
    data = encoder.preludes["flv"] + b"".join(chunks["flv"].data for chunks in packets)
    with av.open(io.BytesIO(data)) as container:
        assert [frame.time for frame in container.decode(video=0)] == pytest.approx(times_s)


def test_a_listener_gets_nothing_before_a_key_frame() -> None:
    listener = Listener("flv")
    assert listener.offer(Chunk(b"middle", is_key=False))
    listener.offer(Chunk(b"key", is_key=True))
    listener.offer(Chunk(b"next", is_key=False))
    assert (listener.next(), listener.next()) == (b"key", b"next")


def test_a_slow_client_is_let_go_and_the_others_miss_nothing() -> None:
    channel = Channel({"flv": b""})
    slow, quick = Listener("flv"), Listener("flv")
    channel.join(slow)
    channel.join(quick)
    got = []
    for number in range(200):
        channel.send({"flv": Chunk(b"%d" % number, is_key=True)})
        got.append(quick.next())
    assert got == [b"%d" % number for number in range(200)]
    assert channel.dropped == 1
    left = [slow.next() for _ in range(60)]
    assert left[-1] == b"", "it is told that the stream is over"
    assert channel.is_heard


@pytest.fixture
def server() -> Iterator[CameraServer]:
    prelude = {"flv": b"FLV", "ts": b""}
    channels = {"C1": Channel(prelude), "C2": Channel(prelude, password="river")}
    server = CameraServer(0, channels)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    for channel in channels.values():
        channel.close()
    server.shutdown()
    thread.join()
    server.server_close()


def ask(url: str, password: str | None = None) -> Any:
    request = urllib.request.Request(url)
    if password is not None:
        token = base64.b64encode(f"viewer:{password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
    return urllib.request.urlopen(request, timeout=20)


def refusal(url: str, password: str | None = None) -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(url, password)
    caught.value.close()
    return int(caught.value.code)


def test_a_wrong_password_and_an_unknown_camera_are_refused(server: CameraServer) -> None:
    urls = server.urls()
    assert refusal(urls["C2"]["flv"]) == 401
    assert refusal(urls["C2"]["flv"], "wrong") == 401
    assert refusal(urls["C1"]["flv"].replace("C1", "C9")) == 404
    assert refusal(urls["C1"]["flv"].replace(".flv", ".avi")) == 404


def test_the_right_password_opens_the_stream(server: CameraServer) -> None:
    with ask(server.urls()["C2"]["flv"], "river") as answer:
        assert answer.headers["Content-Type"] == "video/x-flv"
        assert answer.read(3) == b"FLV"
        channel = server.channels["C2"]
        channel.send({"flv": Chunk(b"key frame", is_key=True)})
        assert answer.read(9) == b"key frame"
        channel.close()
        assert answer.read() == b""


def camera_row(**changes: object) -> dict[str, object]:
    return {"code": "C1", "scene": "village", "reach": "U", "position_m": 5, **changes}


def document(*cameras: dict[str, object], **changes: object) -> dict[str, object]:
    clock = {"wall_s": 0.0, "river_s": START_S, "factor": 1}
    return {"seed": 1, "clock": clock, "script": [], "cameras": list(cameras), **changes}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (document(camera_row(scene="vilage")), "did you mean 'village'"),
        (document(camera_row(), camera_row()), "twice"),
        (document(camera_row(code="a/b")), "name of a stream"),
        (document(camera_row(colour="red")), "unknown key 'colour'"),
        (document(camera_row(), fps=0), "fps"),
        (document(camera_row(), port="x"), "port"),
    ],
)
def test_a_wrong_configuration_is_refused_and_named(
    given: dict[str, object], complaint: str
) -> None:
    with pytest.raises(ConfigError, match=complaint):
        cameras_from(given)


def test_a_camera_sees_the_discharges_of_its_own_outfall_only() -> None:
    rows = [
        {"kind": "discharge", "reach": reach, "position_m": at, "start_s": START_S + 60}
        | {"duration_s": 900, "flow_m3_s": 0.5, "nh3n_mg_l": 30}
        for reach, at in (("U", 505), ("U", 900), ("L", 500))
    ]
    given = document(camera_row(scene="outfall", position_m=500), script=rows)
    config = cameras_from(given)
    scene = config.cameras[0].draw(config.seed, config.script)
    assert [one.position_m for one in scene.discharges] == [505]


def test_the_process_serves_a_picture_and_ends_when_told(tmp_path: Path) -> None:
    config = tmp_path / "cameras.json"
    config.write_text(json.dumps(document(camera_row(), fps=5)))
    command = [sys.executable, "-m", "xunhe_tools.virtual_river.cameras", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())["cameras"]["C1"]
        with av.open(urls["flv"], timeout=60) as container:
            frame = next(container.decode(video=0))
        assert (frame.width, frame.height) == (1280, 720)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_the_process_says_what_is_wrong_with_its_configuration(tmp_path: Path) -> None:
    config = tmp_path / "cameras.json"
    config.write_text("{}")
    command = [sys.executable, "-m", "xunhe_tools.virtual_river.cameras", str(config)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "missing" in done.stderr


def test_a_demo_with_cameras_lists_them_with_its_own_port_and_zones(tmp_path: Path) -> None:
    plan = make_plan(tmp_path / "run", 7, 120, 8080, None, cameras=True)
    lay_out(plan)
    registry = load(tmp_path / "run/registry")
    assert set(registry.cameras) == set(SCENES)
    for camera in registry.cameras.values():
        assert camera.url == f"http://127.0.0.1:{plan.camera_port}/{camera.code}.flv"
        zones = cameras_file.load_zones(tmp_path / "run/registry", camera)
        assert zones.flow is not None
        assert zones.ground is not None
    config = cameras_from(json.loads((tmp_path / "run/cameras.json").read_text("utf-8")))
    assert config.script == plan.script
    assert config.port == plan.camera_port


def test_the_cameras_outfall_is_the_registrys(tmp_path: Path) -> None:
    plan = make_plan(tmp_path / "run", 7, 120, 8080, None, cameras=True)
    lay_out(plan)
    camera = plan.registry.cameras["YX-C1"]
    (zone,) = cameras_file.load_zones(tmp_path / "run/registry", camera).outfalls
    outfall = plan.registry.outfalls[zone.code]
    assert (outfall.reach, outfall.position_m) == (camera.reach, camera.position_m)
    config = cameras_from(json.loads((tmp_path / "run/cameras.json").read_text("utf-8")))
    scene = next(c for c in config.cameras if c.code == "YX-C1").draw(1, config.script)
    assert scene.discharges == plan.script.discharges


def test_a_demo_without_cameras_has_none(tmp_path: Path) -> None:
    lay_out(make_plan(tmp_path / "run", 7, 120, 8080, None))
    assert load(tmp_path / "run/registry").cameras == {}
    assert "enabled = false" in (tmp_path / "run/xunhe.toml").read_text("utf-8")
