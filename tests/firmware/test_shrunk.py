"""What shrink/ makes of the firmware behaves as it: checks and a whole buoy run from it."""

from pathlib import Path

import pytest
import whole_buoy
from conftest import wait_until
from test_portable import run

from xunhe_tools import byte_code
from xunhe_tools.byte_code import PACKAGE, lay_out

HERE = Path(__file__).parent
CHECKS = ("portable.py", "portable_probes.py", "portable_links.py")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A repository whose firmware is byte code of the shrunk sources, for the checks to import."""
    folder = tmp_path_factory.mktemp("shrunk")
    lay_out(folder / "firmware", [(HERE / name).read_text() for name in CHECKS])
    (folder / "tests").symlink_to(HERE.parent)
    return folder


@pytest.mark.parametrize("checks", CHECKS)
def test_the_portable_checks_hold_from_shrunk_byte_code(micropython, root, checks):
    said = run([*micropython, HERE / checks, root], checks)
    assert said.endswith("all checks hold\n")


def test_a_whole_buoy_runs_from_shrunk_byte_code(river, tmp_path, monkeypatch):
    monkeypatch.setattr(whole_buoy, "LAUNCH", lay_out(tmp_path / "code"))
    river.gateway.acknowledging = True
    river.gateway.commands = [(1, {"set": {"batch": 1}})]
    buoy = river()
    wait_until(lambda: len(river.gateway.stored) >= 6, "readings arrive")
    wait_until(lambda: river.gateway.told("answer", counter=1), "a command is answered")
    assert river.gateway.told("answer", counter=1)[0]["ok"] is True
    assert river.gateway.told("diagnostic", probe="Y532@2")
    assert buoy.said("crash") == []


def test_a_buoys_traceback_can_be_read_with_the_sources_of_its_release():
    shrunk = byte_code.shrunk(PACKAGE, "virtual")
    short = next(s for s, name in shrunk.names["xunhe_buoy.uplink"].items() if name == "_exchange")
    trace = f'  File "xunhe_buoy.uplink", line 1, in {short}'
    assert byte_code.explain(PACKAGE, "virtual", trace).endswith(", in _exchange")
