"""`xunhe desk lights`, `circular`, `scores`, `report`, `lookback` over a small written year."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xunhe_tools.bench.desk import judge
from xunhe_tools.bench.desk.district import district
from xunhe_tools.bench.desk.write import write
from xunhe_tools.bench.desk.year import YEAR, cases
from xunhe_tools.cli import app
from xunhe_tools.supervision import command

TICKETS, SEED = 60, 3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a year of few tickets, and settings that name it."""
    folder = tmp_path_factory.mktemp("desk")
    write(folder / "desk.sqlite3", district(), TICKETS, SEED, weeks=1)
    path = folder / "xunhe.toml"
    path.write_text(f'[store]\ndatabase = "{folder / "desk.sqlite3"}"\n', "utf-8")
    return path


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bench's district has no folder: it is made, not read."""
    monkeypatch.setattr(command.registry_file, "load", lambda _folder: district())


def run(site: Path, *words: str) -> str:
    result = CliRunner().invoke(app, ["desk", *words, "--config", str(site)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_scores_agree_with_reds_that_were_counted_apart(site: Path) -> None:
    found = json.loads(run(site, "scores", str(YEAR), "--json"))
    assert found["differences"] == []
    reds = {
        post: int(score["lines"]["red"][0])
        for post, score in found["posts"].items()
        if "red" in score["lines"]
    }
    assert reds == dict(judge.reds(cases(TICKETS, SEED)))
    assert sum(reds.values()) > 0


def test_a_circular_a_report_and_lights_are_printed(site: Path) -> None:
    month = json.loads(run(site, "circular", f"{YEAR}-06", "--json"))
    assert month["month"] == f"{YEAR}-06"
    assert "黄 yellow" in run(site, "circular", f"{YEAR}-06")
    assert "处置率" in run(site, "report", f"{YEAR}-06")
    assert json.loads(run(site, "report", f"{YEAR}Q2", "--json"))["found"] > 0
    assert "岗位" in run(site, "lights")


def test_a_look_back_is_drawn_once_and_shown(site: Path) -> None:
    drawn = json.loads(run(site, "lookback", f"{YEAR}Q2", "--draw", "--size", "4", "--json"))
    assert len(drawn["tickets"]) == 4
    assert "回头看" in run(site, "lookback", f"{YEAR}Q2")
    again = CliRunner().invoke(
        app, ["desk", "lookback", f"{YEAR}Q2", "--draw", "--config", str(site)]
    )
    assert again.exit_code == 2
    assert "已抽样" in again.output


@pytest.mark.parametrize("words", [["report", "2026-13"], ["lookback", "2026Q1"]])
def test_what_cannot_be_shown_says_why(site: Path, words: list[str]) -> None:
    result = CliRunner().invoke(app, ["desk", *words, "--config", str(site)])
    assert result.exit_code == 2
    assert "/" in result.output
