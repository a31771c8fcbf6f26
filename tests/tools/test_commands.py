"""The commands as a newcomer meets them: clear errors with the next step, nothing overwritten."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from xunhe_tools.cli import app
from xunhe_tools.demo.chain import kill_times
from xunhe_tools.demo.ledger import read_ledger


def xunhe(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_doctor_names_every_check_and_its_verdict_for_scripts() -> None:
    result = xunhe("doctor", "--json")
    findings = json.loads(result.stdout)
    assert {finding["name"] for finding in findings} >= {"Python", "SQLite", "MicroPython"}
    assert all(f["next_step"] for f in findings if f["verdict"] != "ok")
    assert result.exit_code == any(f["verdict"] == "missing" for f in findings)


def test_a_demo_never_overwrites_an_earlier_run(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("earlier")
    result = xunhe("demo", "--seconds", "5", "--directory", str(tmp_path))
    assert result.exit_code == 2
    assert "is not empty" in result.stderr
    assert (tmp_path / "kept").read_text() == "earlier"


def test_kills_without_an_end_are_refused_with_the_option_that_is_missing() -> None:
    result = xunhe("demo", "--kill-gateway", "3")
    assert result.exit_code == 2
    assert "--seconds" in result.stderr


def test_a_wrong_script_names_the_key(tmp_path: Path) -> None:
    script = tmp_path / "s.toml"
    script.write_text('[[event]]\nkind = "flood"\n')
    result = xunhe("demo", "--seconds", "5", "--script", str(script))
    assert result.exit_code == 2
    assert "flood" in result.stderr


def test_without_the_demo_extra_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pymodbus", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    result = xunhe("demo", "--seconds", "5")
    assert result.exit_code == 2
    assert "pip install 'xunhe[demo]'" in result.stderr


def test_a_gateway_without_registry_says_what_to_create(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("xunhe.toml").write_text("[web]\nport = 0\n")  # a demo may run beside the tests
    result = xunhe("run")
    assert result.exit_code == 2
    assert "registry/reaches.geojson does not exist" in result.stderr


def test_the_ledger_reads_what_a_buoy_said_and_no_half_line() -> None:
    ledger = read_ledger(
        [
            "boot n=1 next_seq=0",
            "sampled boot=1 seq=0 time=1792429328",
            "sampled boot=1 seq=1 time=1792429446",
            "acked boot=1 first=0 count=3 refused=1",
            "acked boot=1 first=3 cou",
        ]
    )
    assert ledger.sampled == {(1, 0), (1, 1)}
    assert ledger.accepted == {(1, 0), (1, 2)}
    assert ledger.refused == {(1, 1)}


def test_kills_fall_inside_the_run_and_follow_the_seed() -> None:
    times = kill_times(7, 10, 120)
    assert len(times) == 10
    assert times == sorted(times) == kill_times(7, 10, 120)
    assert times != kill_times(8, 10, 120)
    assert 0 < times[0] < times[-1] < 120
