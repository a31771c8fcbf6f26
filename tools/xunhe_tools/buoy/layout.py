"""What lies where on a buoy's file system, as `flash` puts it there.

/main.py                          starts the boot code; replaced whole, so old or new
/boot-<digest>/xunhe_boot/*.py    the boot code; a new one gets a folder of its own
/slots/a, /slots/b, /slots/state  firmware/xunhe_boot/slots.py
/data                             configuration, calibrations, counters
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import xunhe_boot
from xunhe_tools.byte_code import PACKAGE

MAIN = "/main.py"
SLOTS = "/slots"
DATA = "/data"
CONFIG = f"{DATA}/config.json"
BOOT = "/boot-"
_HERE_ONLY = "synced.py"  # files of CPython


def boot_code() -> dict[str, bytes]:
    """{path: content} of the boot code."""
    return {f"{boot_folder()}/xunhe_boot/{name}": text for name, text in _sources().items()}


def boot_folder() -> str:
    """Where this boot code lies: named by its digest."""
    return f"{BOOT}{hashlib.sha256(b''.join(_sources().values())).hexdigest()[:8]}"


def _sources() -> dict[str, bytes]:
    package = Path(xunhe_boot.__file__).parent
    files = sorted(path for path in package.glob("*.py") if path.name != _HERE_ONLY)
    return {path.name: path.read_bytes() for path in files}


def main_program(board: str) -> bytes:
    """main.py: the board's boot.py behind the folder of its boot code."""
    head = f'import sys\n\nsys.path.insert(0, "{boot_folder()}")\n'
    return head.encode() + (PACKAGE / "boards" / board / "boot.py").read_bytes()


def slot_files(slot: str, entries: Mapping[str, bytes]) -> dict[str, bytes]:
    """{path: content} of a bundle in a slot."""
    return {f"{SLOTS}/{slot}/{name}": content for name, content in entries.items()}


def board_of(machine: str) -> str:
    """Folder under boards/ for what MicroPython says it runs on; empty for none of ours."""
    if "ESP32S3" in machine.replace("-", ""):
        return "esp32s3"
    return "virtual" if "linux" in machine else ""
