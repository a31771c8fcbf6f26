"""`xunhe rules`, `xunhe replay` and `xunhe silence` as an operator meets them."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.gateway.conftest import DEMO_REGISTRY, START, Buoy, StandingClock, minutes
from xunhe.adapters import registry_file
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.recording import Recorder
from xunhe.adapters.rules_file import shipped, shipped_tables
from xunhe.adapters.store import devices
from xunhe.adapters.store.database import Database
from xunhe_tools.cli import app

REGISTRY = ("--registry", str(DEMO_REGISTRY))


def xunhe(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the recording and the database of an hour with a discharge at S1."""
    folder = tmp_path_factory.mktemp("made")
    database = Database(folder / "x.sqlite3")
    database.migrate()
    buoy, clock = Buoy("YX-S1", bytes(6), bytes(32)), StandingClock()
    with database.write() as connection:
        devices.enrol(connection, devices.Device(bytes(6).hex(), "YX-S1", bytes(32)), START)
    recorder = Recorder(folder / "rec.jsonl", shipped_tables())
    ingest = Ingest(database, registry_file.load(DEMO_REGISTRY), clock, shipped(), recorder)
    for i in range(30):
        clock.at = START + minutes(2 * i + 1)
        ingest.take([buoy.send(buoy.read(clock.at, nh3n_mg_l=0.35 if i < 20 else 3.1))])
    database.close()
    return folder


def test_check_names_the_nearest_right_key(tmp_path: Path) -> None:
    rules = tmp_path / "site.toml"
    rules.write_text("[rule.ammonia_step]\nleast_fractoin = 1\n")
    result = xunhe("rules", "check", rules)
    assert result.exit_code == 2
    assert "did you mean least_fraction?" in result.stderr
    rules.write_text("[rule.ammonia_step]\nleast = 1\n")
    assert "7 条规则" in xunhe("rules", "check", rules).stdout


def test_explain_says_in_words_what_the_rules_do(tmp_path: Path) -> None:
    rules = tmp_path / "site.toml"
    rules.write_text("[rule.oxygen_fall]\nenabled = false\n")
    text = xunhe("rules", "explain", rules).stdout
    assert "氨氮最近 3 次的中位数" in text
    assert "已停用" in text
    assert re.search("at least 0.35 mg/L", text)


def test_a_replay_is_the_same_byte_for_byte_as_the_database(made: Path) -> None:
    recording = made / "rec.jsonl"
    lines = xunhe("replay", recording, *REGISTRY).stdout
    assert lines == xunhe("replay", recording, *REGISTRY).stdout
    assert [json.loads(line)["rule"] for line in lines.splitlines()] == [
        "ammonia_step",
        "class_worse_than_target",
    ]
    same = xunhe("replay", recording, *REGISTRY, "--against", made / "x.sqlite3")
    assert "相同" in same.stdout
    assert "2" in same.stdout


def test_a_replay_that_differs_says_from_where_on(made: Path, tmp_path: Path) -> None:
    empty = Database(tmp_path / "empty.sqlite3")
    empty.migrate()
    empty.close()
    recording = made / "rec.jsonl"
    result = xunhe("replay", recording, *REGISTRY, "--against", tmp_path / "empty.sqlite3")
    assert result.exit_code == 2
    assert "stored 0" in result.stderr


def test_try_tells_what_changed_rules_would_have_raised(made: Path, tmp_path: Path) -> None:
    rules = tmp_path / "site.toml"
    rules.write_text(
        "[rule.ammonia_step]\nenabled = false\n[rule.high]\nlooks_for = 'threshold'\n"
        "indicator = 'nh3n_mg_l'\nabove = 2\n"
    )
    result = xunhe("rules", "try", rules, made / "rec.jsonl", *REGISTRY)
    assert "as recorded: 2" in result.stdout
    assert re.search(r"^- .*ammonia_step", result.stdout, re.MULTILINE)
    assert re.search(r"^\+ .*high: 氨氮高于 2.00 mg/L", result.stdout, re.MULTILINE)
    told = json.loads(xunhe("rules", "try", rules, made / "rec.jsonl", *REGISTRY, "--json").stdout)
    assert [alert["rule"] for alert in told["new"]][:1] == ["high"]


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "x.jsonl"
    wrong.write_text("hello\n")
    result = xunhe("replay", wrong, *REGISTRY)
    assert result.exit_code == 2
    assert "line 1" in result.stderr


def test_a_silence_from_the_command_line_is_listed_and_ended(tmp_path: Path) -> None:
    config = tmp_path / "xunhe.toml"
    config.write_text(f'[store]\ndatabase = "{tmp_path / "x.sqlite3"}"\n')
    common = ("--by", "站长", "--config", config)
    without = xunhe("silence", "add", "--hours", "8", "--reason", "清淤施工", *common)
    assert without.exit_code == 2
    assert "label" in without.stderr
    added = xunhe(
        "silence", "add", "--hours", "8", "--reason", "清淤施工", "--station", "YX-S1", *common
    )
    assert "#1" in added.stdout
    listed = xunhe("silence", "list", "--config", config).stdout
    assert "生效" in listed
    assert "station=YX-S1" in listed
    assert "隐去 hid 0" in listed
    assert xunhe("silence", "end", "1", *common).exit_code == 0
    assert "已结束" in xunhe("silence", "list", "--config", config).stdout
    again = xunhe("silence", "end", "1", *common)
    assert again.exit_code == 2
    assert "#1" in again.stderr
