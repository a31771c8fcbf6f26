"""A whole update of the real firmware from byte code, in a heap as small as a buoy can spare."""

import json
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest
from conftest import FIRMWARE, PATIENCE_S

from xunhe_boot import disk, files
from xunhe_buoy.update.bundle import Unpacker
from xunhe_tools import bundle
from xunhe_tools.byte_code import byte_code

HERE = Path(__file__).parent
SEED = bytes(range(32))


@pytest.fixture(scope="module")
def firmware():
    session = (HERE / "update_session.py").read_text()
    files = byte_code(FIRMWARE / "xunhe_buoy", "virtual", [session])
    return bundle.pack(list(files.items()))


@pytest.fixture
def folder(tmp_path, firmware):
    """Compiled code, and the firmware as a release."""
    signed = bundle.sign(firmware, 1, "9.0.0", "virtual", SEED)
    manifest = asdict(signed) | {"release_key": bundle.public_key(SEED).hex()}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "bundle").write_bytes(firmware)
    unpacker = Unpacker(disk, str(tmp_path / "bundle"), str(tmp_path / "code"))
    unpacker.begin()
    while unpacker.step():
        pass
    shutil.copytree(FIRMWARE / "xunhe_boot", tmp_path / "code" / "xunhe_boot")
    return tmp_path


def session(micropython, folder, heap):
    command = [micropython[0], "-X", f"heapsize={heap}", HERE / "update_session.py"]
    return subprocess.run(
        [*command, folder / "code", folder],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_an_update_of_the_whole_firmware_needs_less_than_72_kib(micropython, folder, firmware):
    done = session(micropython, folder, "72k")
    assert done.returncode == 0, done.stdout + done.stderr
    print(len(firmware), done.stdout)
    for path in sorted((folder / "code" / "xunhe_buoy").rglob("*.mpy")):
        inside = path.relative_to(folder / "code")
        assert (folder / "slots" / "a" / inside).read_bytes() == path.read_bytes()
    state = json.loads(files.read(disk, str(folder / "slots" / "state")))
    assert (state["trial"], state["release"], state["newest"]) == ("a", 1, 0)
