"""`xunhe watch`: the gateway's pipeline on recordings; the same recording gives the same bytes."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase, Sight, SightKind
from xunhe_tools.virtual_river.camera_server import CameraServer, Channel
from xunhe_tools.virtual_river.camera_stream import Encoder
from xunhe_tools.virtual_river.scene import village_scene
from xunhe_tools.watch.command import watch
from xunhe_tools.watch.incidents import Book
from xunhe_tools.watch.viewing import Viewing

ZONES = Path(__file__).parents[1] / "vectors/zones"
NOON_S = 4 * 3600.0  # in China
FPS = 5
app = typer.Typer()
app.command()(watch)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def read(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report


def film(path: Path, frames: int, picture: Callable[[int], np.ndarray]) -> Path:
    height, width = picture(0).shape[:2]
    with av.open(str(path), "w", options={"movflags": "faststart"}) as file:
        stream = file.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = 2 * FPS
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number), format="bgr24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def murk(number: int) -> np.ndarray:
    grain = np.random.default_rng(3).integers(90, 130, (180, 320, 3), np.uint8)
    return np.roll(grain, number, axis=1)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Water on which nothing is."""
    return film(tmp_path_factory.mktemp("quiet") / "quiet.mp4", 30, murk)


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of the virtual village: drifting litter, a mat at a boom."""
    scene = village_scene(7)
    path = tmp_path_factory.mktemp("village") / "village.mp4"
    return film(path, 8 * FPS, lambda number: scene.frame(100 + number / FPS, NOON_S))


@pytest.fixture(scope="module")
def watched(village: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The JSON file of one run on it."""
    target = tmp_path_factory.mktemp("watched") / "found.json"
    result = run(village, "--json", target)
    assert result.exit_code == 0, result.output
    return target


def test_litter_and_a_mat_are_an_incident_each(watched: Path) -> None:
    report = read(watched)
    assert {incident["kind"] for incident in report["incidents"]} == {"litter", "vegetation_mat"}
    litter = next(each for each in report["incidents"] if each["kind"] == "litter")
    assert litter["start_s"] < litter["confirmed_s"] < 8
    assert litter["end_s"] is None, "it is still there"
    assert litter["count"] == len(litter["boxes_at_peak"])
    assert all(0 <= side <= 1 for box in litter["boxes_at_peak"] for side in box)
    assert report["problems"] == []
    assert report["frames"] == 8 * FPS
    assert (report["width"], report["height"]) == (1280, 720)
    assert set(report["models"]) == {"debris", "discharge"}


def test_every_incident_has_its_pictures_and_a_clip_beside_the_file(watched: Path) -> None:
    for incident in read(watched)["incidents"]:
        files = {role: watched.parent / name for role, name in incident["evidence"].items()}
        assert set(files) == {"picture", "annotated", "clip"}
        for role in ("picture", "annotated"):
            assert files[role].read_bytes()[:3] == b"\xff\xd8\xff"
        with av.open(str(files["clip"])) as container:
            assert len(list(container.decode(video=0))) > FPS


def test_the_same_recording_gives_the_same_bytes(
    village: Path, watched: Path, tmp_path: Path
) -> None:
    again = tmp_path / watched.name
    assert run(village, "--json", again).exit_code == 0
    assert again.read_bytes() == watched.read_bytes()
    for file in (watched.parent / f"{watched.name}.evidence").iterdir():
        assert (tmp_path / f"{again.name}.evidence" / file.name).read_bytes() == file.read_bytes()


def test_the_annotated_video_has_every_frame(quiet: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.mp4"
    assert run(quiet, "--annotate", target).exit_code == 0
    with av.open(str(target)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "h264"
        times = [frame.time for frame in container.decode(stream)]
    assert times == pytest.approx([number / FPS for number in range(30)])


def test_without_incidents_it_says_so(quiet: Path) -> None:
    result = run(quiet)
    assert result.exit_code == 0
    assert "没有事件 / no incidents" in result.stdout
    assert "30 帧 frames" in result.stderr


def test_json_on_standard_output_is_nothing_but_json(quiet: Path) -> None:
    result = run(quiet, "--json", "-")
    report = json.loads(result.stdout)
    assert report["incidents"] == []
    assert report["zones"]["water"][0]["polygon"] == [[0, 0], [1, 0], [1, 1], [0, 1]]


def test_at_the_recordings_own_pace_key_frames_are_enough_while_nothing_happens(
    tmp_path: Path,
) -> None:
    short = film(tmp_path / "short.mp4", 12, lambda _number: murk(0))
    report = json.loads(run(short, "--realtime", "--json", "-").stdout)
    assert 1 <= report["frames"] < 12


def test_a_recording_that_was_cut_off_is_watched_as_far_as_it_goes(
    quiet: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mp4"
    whole = quiet.read_bytes()
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    result = run(cut, "--json", tmp_path / "cut.json")
    assert result.exit_code == 1
    report = read(tmp_path / "cut.json")
    assert 5 < report["frames"] < 30
    assert report["problems"]
    assert "问题 problem" in result.stderr


@pytest.mark.parametrize("content", [b"", b"this is no video" * 100])
def test_what_is_no_video_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.mp4"
    path.write_bytes(content)
    result = run(path, "--json", tmp_path / "bad.json")
    assert result.exit_code == 1
    assert len(read(tmp_path / "bad.json")["problems"]) == 1
    assert "没有事件" not in result.stdout, "nothing was seen, so nothing is said of it"


def test_a_missing_file_is_a_wrong_option(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere.mp4")
    assert result.exit_code == 2
    assert "nowhere.mp4" in result.stderr


def test_an_address_that_nobody_answers_is_named_without_its_password() -> None:
    result = run("http://viewer:geheim@127.0.0.1:9/river.flv")
    assert result.exit_code == 1
    assert "问题 problem" in result.stderr
    assert "geheim" not in result.output


def test_every_problem_of_a_zones_file_is_told(quiet: Path, tmp_path: Path) -> None:
    zones = tmp_path / "zones.json"
    zones.write_text('{"watr": [], "water": [{"name": "", "polygon": [[0, 0], [2, 0], [1, 1]]}]}')
    result = run(quiet, "--zones", zones)
    assert result.exit_code == 2
    for word in ("watr", "name", "outside the picture"):
        assert word in result.stderr
    zones.write_text("{")
    assert run(quiet, "--zones", zones).exit_code == 2
    assert run(quiet, "--zones", tmp_path / "none.json").exit_code == 2


@pytest.mark.parametrize("option", ["--json", "--annotate"])
def test_the_recording_is_never_overwritten(option: str, quiet: Path, tmp_path: Path) -> None:
    before = quiet.read_bytes()
    assert run(quiet, option, quiet).exit_code == 2
    assert run(quiet, option, tmp_path / "none/out.mp4").exit_code == 2
    assert quiet.read_bytes() == before


def test_ctrl_c_keeps_what_was_found(
    quiet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    see = Viewing._see

    def impatient(viewing: Viewing, view: Any) -> None:
        if viewing.frames == 10:
            raise KeyboardInterrupt
        see(viewing, view)

    monkeypatch.setattr(Viewing, "_see", impatient)
    target, video = tmp_path / "found.json", tmp_path / "out.mp4"
    result = run(quiet, "--json", target, "--annotate", video)
    assert result.exit_code == 130
    assert read(target)["frames"] == 10
    assert "1.8" in read(target)["problems"][0]
    with av.open(str(video)) as container:
        assert len(list(container.decode(video=0))) == 10


def test_a_stream_is_watched_until_it_ends() -> None:
    encoder = Encoder(320, 180, 10, 400_000)
    channel = Channel(encoder.preludes)
    server = CameraServer(0, {"C1": channel})
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()

    def play() -> None:
        while not channel.is_heard:
            pass
        for number in range(40):
            for chunks in encoder.encode(murk(number), number / 10):
                channel.send(chunks)
        channel.close()

    playing = threading.Thread(target=play)
    playing.start()
    try:
        result = run(server.urls()["C1"]["flv"], "--json", "-")
    finally:
        playing.join()
        server.shutdown()
        serving.join()
        server.server_close()
    report = json.loads(result.stdout)
    assert result.exit_code == 1, "a stream that ends is a stream that was lost"
    assert report["frames"] >= 1
    assert len(report["problems"]) == 1


def sight(phase: Phase, at_s: float, count: int, **changes: Any) -> Sight:
    values: dict[str, Any] = {
        "camera": "C",
        "zone": "河",
        "kind": SightKind.LITTER,
        "started_s": 10.0,
        "score": 0.5,
        "area_m2": 0.2 * count,
        "share": 0.01 * count,
        "state": "",
        "severity": Severity.MINOR,
        "boxes": ((0.1, 0.1, 0.2, 0.2, 0.5),) * count,
        "reason_zh": f"{count} 件",
        "reason_en": f"{count} things",
    }
    return Sight(**{**values, "phase": phase, "at_s": at_s, "count": count, **changes})


def test_an_incident_is_told_at_its_largest_and_from_its_start_to_its_end() -> None:
    book = Book()
    assert book.take(sight(Phase.OPENED, 13.0, 1))[1]
    grown = sight(Phase.GREW, 20.0, 4, score=0.9, severity=Severity.MAJOR)
    assert book.take(grown)[1]
    assert not book.take(sight(Phase.GREW, 25.0, 2))[1]
    assert not book.take(sight(Phase.ENDED, 90.0, 0))[1]
    (found,) = book
    told = found.to_json(start_s=10.0)
    assert (told["start_s"], told["confirmed_s"], told["peak_s"], told["end_s"]) == (0, 3, 10, 80)
    assert (told["count"], told["score"], told["severity"]) == (4, 0.9, "major")
    assert len(told["boxes_at_peak"]) == 4
    assert book.going_on() == []


def test_another_zone_kind_or_beginning_is_another_incident() -> None:
    book = Book()
    book.take(sight(Phase.OPENED, 13.0, 1))
    book.take(sight(Phase.OPENED, 13.0, 1, zone="岸"))
    book.take(sight(Phase.OPENED, 13.0, 1, kind=SightKind.MAT))
    book.take(sight(Phase.OPENED, 99.0, 1, started_s=95.0))
    assert [found.number for found in book] == [1, 2, 3, 4]
