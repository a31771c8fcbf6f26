"""`xunhe model eval`: JSON for scripts, tables for people, clear errors."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner, Result

from tests.models.evaluate.small_data import write_small_data
from tests.models.tiny_detector import write_detector
from xunhe_tools.cli import app


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_detector(tmp_path_factory.mktemp("model") / "tiny.onnx", held_out='["clean/"]')


def evaluate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["model", "eval", *map(str, arguments)])


def test_json_alone_is_on_standard_output(data: Path, model: Path, tmp_path: Path) -> None:
    result = evaluate(
        "--model", model, "--data", data, "--sets", "location-3,mats", "--json",
        "--report", tmp_path / "page",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert set(told["sets"]) == {"location-3", "mats"}
    assert [m["name"] for m in told["models"]] == ["tiny"]
    assert len(told["models"][0]["sha256"]) == 64
    assert told["machine"]["cores"] >= 1
    assert (told["seed"], told["full"], told["missing"]) == (1, False, {})
    assert (tmp_path / "page/index.html").is_file()
    assert "location-3" in result.stderr


def test_people_get_tables_that_mark_what_was_trained_on(data: Path, model: Path) -> None:
    result = evaluate("--model", model, "--data", data, "--sets", "location-3,negatives-stills")
    assert result.exit_code == 0, result.stderr
    for part in ("AP50", "整图", "每千帧", "trained on", "单线程", "不可读"):
        assert part in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--data", "nowhere"], "XUNHE_DATA"),
        (["--sets", "lakes"], "there is no set lakes"),
        (["--model", "gone.onnx"], "gone.onnx does not exist"),
        (["--checkpoint", "gone.pt"], "gone.pt does not exist"),
    ],
)
def test_wrong_options_end_with_the_next_step(
    arguments: list[str], says: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XUNHE_DATA", str(data))
    result = evaluate(*arguments)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


def test_a_file_that_is_no_model_is_named(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.onnx"
    file.write_bytes(b"\0\1\2")
    result = evaluate("--model", file, "--data", data)
    assert result.exit_code == 2
    assert "broken.onnx" in result.stderr


def test_a_discharge_model_is_known_by_its_metadata_and_judged_as_one(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = {"pipe": {"network": {"right": 1.0, "longest_wrong_s": 0.0, "score_min": float("nan")}}}
    monkeypatch.setattr("xunhe_models.discharge.finder.Finder", lambda _file: None)
    monkeypatch.setattr(
        "xunhe_models.discharge.evaluate.evaluated", lambda *_, masked: {"a.mp4": {"zones": zones}}
    )
    monkeypatch.setattr(
        "xunhe_models.discharge.evaluate.false_alarms",
        lambda *_: {"flowing": {"pictures": 9, "alarmed": 2, "top": []}},
    )
    file = write_detector(tmp_path / "outfall.onnx", kind="discharge")
    told = json.loads(evaluate("--model", file, "--data", data, "--json").stdout)
    (discharge,) = told["discharge"]
    assert told["models"] == []
    assert discharge["masked"]["a.mp4"]["zones"]["pipe"]["network"]["score_min"] is None
    shown = evaluate("--model", file, "--data", data).stdout
    assert "a.mp4" in shown
    assert "2 / 9" in shown


def test_an_outfall_model_without_its_clips_is_skipped_with_the_reason(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder = SimpleNamespace(card=SimpleNamespace(thresholds={"flowing": 0.5}))
    monkeypatch.setattr("xunhe_models.discharge.finder.Finder", lambda _file: finder)
    file = write_detector(tmp_path / "outfall.onnx", kind="discharge")
    told = json.loads(evaluate("--model", file, "--data", data, "--json").stdout)
    assert str(data) in told["discharge"][0]["skipped"]
