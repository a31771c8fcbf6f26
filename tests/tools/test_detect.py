"""`xunhe detect`: every input gives a line, bad ones too; boxes are in the original's pixels."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from tests.models.tiny_detector import write_detector
from xunhe_models import lettering
from xunhe_models.boxes import Detections
from xunhe_models.images import Frame, Reason
from xunhe_tools.cli import app
from xunhe_tools.detect import screen
from xunhe_tools.detect.line import line_of
from xunhe_tools.detect.screen import Tally, following

RED, GREEN, GREY = (255, 0, 0), (0, 255, 0), (114, 114, 114)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_detector(tmp_path_factory.mktemp("model") / "tiny.onnx")


def river(
    path: Path, *patches: tuple[int, int, int, int], size: tuple[int, int] = (416, 416)
) -> Path:
    """A grey picture with red patches x0, y0, x1, y1."""
    picture = Image.new("RGB", size, GREY)
    for patch in patches:
        picture.paste(RED, patch)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture).astype(int)


def film(path: Path, seconds: int = 2) -> Path:
    """25 frames a second; a red patch appears after one second."""
    with av.open(str(path), "w", options={"movflags": "faststart"}) as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 416, 416, "yuv420p"
        stream.bit_rate = 2_000_000
        noise = np.random.default_rng(1).integers(100, 130, (416, 416, 3), np.uint8)
        for number in range(25 * seconds):
            picture = np.roll(noise, number, axis=1)
            if number >= 25:
                picture[64:128, 128:192] = RED
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode(None))
    return path


def detect(model: Path | str, *arguments: object) -> Result:
    return CliRunner().invoke(app, ["detect", "--model", str(model), *map(str, arguments)])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_has_name_size_and_boxes_with_their_alarm(tmp_path: Path, model: Path) -> None:
    picture = river(tmp_path / "桥 一.png", (32, 64, 64, 96), size=(832, 416))
    result = detect(model, picture, "--json", "-", "--tile", "off")
    assert result.exit_code == 0
    (line,) = lines(result)
    # 16 of 32 pixels each way: a quarter of a cell, below the threshold
    assert line == {
        "image": "桥 一.png",
        "width": 832,
        "height": 416,
        "detections": [
            {
                "label": "litter",
                "score": pytest.approx(0.25, abs=0.02),
                "xyxy": [0.0, 64.0, 64.0, 128.0],
                "alarm": False,
            }
        ],
    }


def test_a_folder_gives_relative_names_in_order_and_skips_what_is_no_picture(
    tmp_path: Path, model: Path
) -> None:
    folder = tmp_path / "in"
    for name in ("b/2.png", "b/10.png", "a.png", "照片/河.png"):
        river(folder / name, (32, 32, 64, 64))
    (folder / "notes.txt").write_text("none")
    (folder / ".hidden.png").write_text("none")
    (folder / "b" / "labels.csv").write_text("none")
    for threads in (1, 3):
        result = detect(model, folder, "--json", "-", "--threads", threads)
        assert result.exit_code == 0
        names = [line["image"] for line in lines(result)]
        assert names == ["a.png", "b/10.png", "b/2.png", "照片/河.png"]
        assert all(line["detections"][0]["alarm"] for line in lines(result))


def test_bad_files_get_a_line_with_the_reason_and_the_run_goes_on(
    tmp_path: Path, model: Path
) -> None:
    river(tmp_path / "a.png", (32, 32, 64, 64))
    (tmp_path / "b.jpg").write_bytes(b"")
    (tmp_path / "c.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
    (tmp_path / "d.jpg").write_text("text")
    (tmp_path / "e.mp4").write_text("text")
    river(tmp_path / "f.png", size=(1, 1))
    result = detect(model, tmp_path, "--json", "-")
    assert result.exit_code == 1
    of_name = {line["image"]: line for line in lines(result)}
    assert list(of_name) == ["a.png", "b.jpg", "c.png", "d.jpg", "e.mp4", "f.png"]
    reasons = {name: line.get("error", "").split(":")[0] for name, line in of_name.items()}
    assert reasons == {
        "a.png": "",
        "b.jpg": Reason.EMPTY,
        "c.png": Reason.TRUNCATED,
        "d.jpg": Reason.UNKNOWN_FORMAT,
        "e.mp4": Reason.DAMAGED,
        "f.png": "",
    }
    assert "4 文件失败 files failed" in result.stderr


def test_boxes_stand_in_the_upright_picture(tmp_path: Path, model: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: shown a quarter turn clockwise
    picture = Image.new("RGB", (832, 416), GREY)
    picture.paste(RED, (0, 32, 64, 96))  # comes to the top right
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    (line,) = lines(detect(model, tmp_path / "a.jpg", "--json", "-", "--tile", "off"))
    assert (line["width"], line["height"]) == (416, 832)
    assert [box["xyxy"] for box in line["detections"]] == [[320, 0, 384, 64]]
    assert line["detections"][0]["score"] > 0.95


def test_boxes_of_a_picture_that_was_reduced_are_in_its_original_pixels(
    tmp_path: Path, model: Path
) -> None:
    picture = river(tmp_path / "48mp.jpg", (4000, 2000, 5000, 3000), size=(8000, 6000))
    (line,) = lines(detect(model, picture, "--json", "-", "--tile", "off"))
    assert (line["width"], line["height"]) == (8000, 6000)
    x0, y0, x1, y1 = line["detections"][0]["xyxy"]
    assert 3500 < x0 < 4700 < x1 <= 5300
    assert 1500 < y0 < 2700 < y1 <= 3400


def test_tiles_find_what_the_whole_frame_misses(tmp_path: Path, model: Path) -> None:
    picture = river(tmp_path / "large.png", (1200, 700, 1264, 764), size=(2400, 1500))
    best = {}
    for tile in ("off", "auto", "300"):
        (line,) = lines(detect(model, picture, "--json", "-", "--tile", tile))
        best[tile] = max((found["score"] for found in line["detections"]), default=0)
        assert len(line["detections"]) <= 300
        assert all(found["score"] >= 0.01 for found in line["detections"])
    assert best["off"] < 0.35 < best["auto"]
    assert best["300"] > 0.9


@pytest.mark.parametrize("threads", [1, 2])
def test_a_video_gives_times_and_frames_at_the_interval(
    tmp_path: Path, model: Path, threads: int
) -> None:
    video = film(tmp_path / "河.mp4")
    found = lines(detect(model, video, "--json", "-", "--threads", threads))
    assert [line["time_s"] for line in found] == [0, 0.52, 1.0, 1.52]
    assert [line["frame"] for line in found] == [0, 13, 25, 38]
    assert [any(box["alarm"] for box in line["detections"]) for line in found] == [
        False,
        False,
        True,
        True,
    ]
    assert len(lines(detect(model, video, "--json", "-", "--every", "0"))) == 50


@pytest.mark.parametrize("threads", [1, 2])
def test_a_video_that_ends_in_a_frame_gives_what_decodes_and_a_line_with_the_reason(
    tmp_path: Path, model: Path, threads: int
) -> None:
    video = film(tmp_path / "cut.mp4")
    video.write_bytes(video.read_bytes()[: video.stat().st_size * 7 // 10])
    river(tmp_path / "next.png")
    result = detect(model, tmp_path, "--json", "-", "--every", "0", "--threads", threads)
    assert result.exit_code == 1
    found = lines(result)
    assert found[-1]["image"] == "next.png"
    assert found[-2]["error"].startswith(("truncated", "damaged"))
    assert all("detections" in line for line in found[:-2])
    assert 10 < len(found) - 2 < 50


def test_an_animation_is_looked_at_like_a_video(tmp_path: Path, model: Path) -> None:
    plain = Image.new("RGB", (416, 416), GREY)
    spotted = plain.copy()
    spotted.paste(RED, (32, 32, 64, 64))
    plain.save(tmp_path / "a.gif", save_all=True, append_images=[spotted], duration=600)
    found = lines(detect(model, tmp_path, "--json", "-"))
    assert [(line["time_s"], len(line["detections"])) for line in found] == [(0, 0), (0.6, 1)]


def test_the_file_is_written_line_by_line_and_people_get_counts(
    tmp_path: Path, model: Path
) -> None:
    river(tmp_path / "in" / "a.png", (32, 32, 64, 64), (96, 96, 128, 128))
    river(tmp_path / "in" / "b.png")
    result = detect(model, tmp_path / "in", "--json", tmp_path / "out.jsonl")
    assert result.exit_code == 0
    assert result.stdout == ""
    written = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["image"] for line in written] == ["a.png", "b.png"]
    assert "2 帧 frames · 2 框 boxes · 2 报警 alarms · 0 文件失败" in result.stderr


def test_without_a_file_people_get_a_table_of_alarms_and_failures(
    tmp_path: Path, model: Path
) -> None:
    river(tmp_path / "a[1].png", (32, 32, 64, 64))
    (tmp_path / "b.jpg").write_bytes(b"")
    result = detect(model, tmp_path)
    assert result.exit_code == 1
    assert "a[1].png" in result.stdout
    assert "漂浮垃圾" in result.stdout
    assert "空文件" in result.stdout


def test_copies_show_the_boxes_and_of_a_video_only_alarms(tmp_path: Path, model: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "in" / "out"
    river(folder / "sub" / "a.png", (128, 128, 160, 160))
    river(folder / "b.bmp")
    film(folder / "c.mp4")
    assert detect(model, folder, "--annotate", out).exit_code == 0
    copies = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert copies == {
        "b.bmp.jpg",
        "c.mp4-000001.000s.jpg",
        "c.mp4-000001.520s.jpg",
        "sub/a.png",
    }
    drawn, original = pixels(out / "sub/a.png"), pixels(folder / "sub/a.png")
    changed = np.argwhere((drawn != original).any(axis=2))
    assert changed.min() > 80  # the box and its label, nothing far from them
    assert drawn[126, 140].tolist() == [230, 159, 0]
    # A second run does not look at the copies of the first.
    assert len(lines(detect(model, folder, "--annotate", out, "--json", "-"))) == 1 + 1 + 4


def test_labels_are_english_where_no_chinese_font_is_installed(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lettering, "_PLAIN", ())
    river(tmp_path / "a.png", (0, 0, 32, 32), (384, 384, 416, 416))
    assert detect(model, tmp_path, "--annotate", tmp_path / "out").exit_code == 0
    assert pixels(tmp_path / "out" / "a.png").shape == (416, 416, 3)


def test_no_result_is_written_over_a_picture(tmp_path: Path, model: Path) -> None:
    picture = river(tmp_path / "a.jpg")
    before = picture.read_bytes()
    assert detect(model, tmp_path, "--annotate", tmp_path).exit_code == 2
    assert detect(model, tmp_path, "--json", picture).exit_code == 2
    assert picture.read_bytes() == before


def test_two_files_of_one_name_are_told_apart_and_one_file_is_taken_once(
    tmp_path: Path, model: Path
) -> None:
    left, right = river(tmp_path / "l" / "a.png").parent, river(tmp_path / "r" / "a.png").parent
    found = lines(detect(model, left, right, left / "a.png", "--json", "-"))
    assert [line["image"] for line in found] == [
        (left / "a.png").as_posix(),
        (right / "a.png").as_posix(),
    ]


@pytest.mark.skipif(os.name != "posix", reason="other systems' names are Unicode")
def test_names_that_are_not_utf_8_do_not_stop_the_run(tmp_path: Path, model: Path) -> None:
    river(tmp_path / "a.png")
    os.rename(os.fsencode(tmp_path / "a.png"), os.fsencode(tmp_path) + b"/\xff\xfe.png")
    result = detect(model, tmp_path, "--json", tmp_path / "out.jsonl")
    assert result.exit_code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text("utf-8"))["image"] == "��.png"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["none.png"], "none.png does not exist"),
        (["empty"], "no pictures or videos in this folder"),
        (["a.png", "--tile", "wide"], "auto, off, or a side of at least 32"),
        (["a.png", "--tile", "31"], "at least 32"),
        (["a.png", "--json", "none/out.jsonl"], "create it first"),
        (["a.png", "--model", "none.onnx"], "unknown model none.onnx"),
        (["a.png", "--model", "derbis"], "--model takes debris, discharge or an existing FILE"),
        (["a.png", "--model", "a.png"], "ONNX Runtime cannot read it"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(
    tmp_path: Path,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    river(tmp_path / "a.png")
    (tmp_path / "empty").mkdir()
    result = detect(model, *arguments)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_a_shipped_model_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xunhe_tools.detect.model.files", lambda _package: tmp_path)
    river(tmp_path / "a.png")
    for name in ("debris", "discharge"):
        result = detect(name, tmp_path / "a.png")
        assert result.exit_code == 2
        assert f"the {name} model is not in this installation" in result.stderr


def test_a_disk_that_refuses_is_said(tmp_path: Path, model: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    result = detect(model, river(tmp_path / "a.png"), "--annotate", tmp_path / "out")
    assert result.exit_code == 2
    assert "cannot write the results" in result.stderr


def test_the_alarm_agrees_with_the_score_as_written() -> None:
    frame = Frame(np.zeros((10, 10, 3), np.uint8), 20, 20)
    scores = np.array([0.34996, 0.34994], np.float32)
    xyxy = np.array([[0, 0, 5, 5], [5, 5, 12, 10]], np.float32)
    found = Detections(xyxy, scores, np.zeros(2, dtype=np.int64))
    written = line_of(frame, found, ("litter",), (0.35,))["detections"]
    assert [(box["score"], box["alarm"]) for box in written] == [(0.35, True), (0.3499, False)]
    assert [box["xyxy"] for box in written] == [[0, 0, 10, 10], [10, 10, 20, 20]]


def test_a_table_of_many_alarms_ends_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    box = {"label": "litter", "score": 0.9, "xyxy": [0.0, 0.0, 1.0, 1.0], "alarm": True}
    tally = Tally()
    for number in range(300):
        tally.add({"image": f"{number}.png", "width": 9, "height": 9, "detections": [box]})
    screen.print_table(tally, screen.Console())
    assert "100 more frames" in capsys.readouterr().out.replace("\n", " ")


def test_the_bar_moves_with_files_and_time_on_a_terminal(tmp_path: Path) -> None:
    from xunhe_tools.detect.sources import find_sources

    film(tmp_path / "a.mp4")
    terminal = screen.Console(force_terminal=True, file=(tmp_path / "screen").open("w"), width=120)
    with following(find_sources([tmp_path]), terminal, Tally(frames=3)) as follow:
        follow(0, {"image": "a.mp4", "time_s": 1.0, "frame": 25})
    terminal.file.close()
    assert "3 帧 frames" in (tmp_path / "screen").read_text("utf-8")


def test_ctrl_c_keeps_what_was_written(tmp_path: Path, model: Path) -> None:
    film(tmp_path / "long.mp4", seconds=6)
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "xunhe_tools", "detect", str(tmp_path / "long.mp4")]
    command += ["--model", str(model), "--every", "0", "--tile", "64", "--json", str(out)]
    # A shell's background job, as a CI may be, ignores the signal, and its children with it.
    heeding = ["env", "--default-signal=INT", *command]
    run = subprocess.Popen(heeding, stderr=subprocess.PIPE, text=True)
    patience = time.monotonic() + 60
    while not (out.exists() and out.read_bytes().count(b"\n") >= 3):
        assert time.monotonic() < patience
        assert run.poll() is None
        time.sleep(0.05)
    run.send_signal(signal.SIGINT)
    _, said = run.communicate(timeout=30)
    assert run.returncode == 130, said
    assert "what was written stays" in said
    frames = [json.loads(line)["frame"] for line in out.read_text("utf-8").splitlines()]
    assert frames == list(range(len(frames)))
    assert 3 <= len(frames) < 150
