"""The chip and its flash, by esptool: always as a process of its own (it is under the GPL).

A process that says nothing for SILENCE_S is ended: a cable that was pulled shows in time.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xunhe_tools.buoy.errors import AGAIN, CableError, StopError
from xunhe_tools.buoy.lines import Lines

SILENCE_S = 9.0
CHIP = "ESP32-S3"
_MIB = 1 << 20
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)%")


@dataclass(frozen=True, slots=True)
class Chip:
    """What the ROM bootloader told."""

    name: str
    mac: str  # 12 hex digits
    flash_bytes: int


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What esptool reads in an image file."""

    chip: str
    flash_bytes: int
    program: str  # "micropython 1.29.0"; empty where there is no description


def identify(path: str) -> Chip:
    """Chip and flash size on a port. StopError where it is another chip."""
    said = _run(path, ["flash-id"])
    chip = Chip(
        _found(r"(?:Chip type|Chip is):?\s+(\S+)", said),
        _found(r"MAC:\s+([0-9a-f:]{17})", said).replace(":", ""),
        _size(_found(r"Detected flash size:\s+(\S+)", said)),
    )
    if chip.name != CHIP:
        raise StopError(
            f"{path} 上是 {chip.name}，不是 {CHIP} / is a {chip.name}, not an {CHIP}",
            "换一块浮标主板 / take a buoy's board",
        )
    return chip


def write(path: str, image: bytes, progress: Callable[[float], None]) -> None:
    """Write an image at 0, verified by esptool, and start it. `progress` gets 0..100."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.bin"
        file.write_bytes(image)
        command = ["write-flash", "0x0", str(file)]
        said = _run(path, command, lambda line: _tell(line, progress), resets=True)
    if "Hash of data verified" not in said:
        raise CableError(f"{path}：写入未验证 / what was written is not verified", AGAIN)


def holds(path: str, image: bytes) -> bool:
    """The flash holds this image already."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.bin"
        file.write_bytes(image)
        said = _run(path, ["verify-flash", "0x0", str(file)], may_fail=True)
    return "Verification successful" in said


def start_program(path: str) -> None:
    """Out of the bootloader."""
    _run(path, ["read-mac"], resets=True)


def image_info(image: bytes) -> ImageInfo:
    """What a whole image is for. StopError where esptool finds no image in it."""
    loader, program = _image_info(image), _image_info(image[0x10000:])
    name = re.search(r"Project name:\s+(\S+)", program)
    version = re.search(r"App version:\s+(\S+)", program)
    about = f"{name[1]} {version[1]}" if name and version else ""
    chip = _found(r"Detected image type:\s+(\S+)", loader)
    return ImageInfo(chip, _size(_found(r"Flash size:\s+(\S+)", loader)), about)


def version() -> str | None:
    """esptool's version; None where it is not installed."""
    program = _program()
    if program is None:
        return None
    done = subprocess.run([program, "version"], capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else None


def has_reset_lines(path: str) -> bool:
    """DTR and RTS are there, by which esptool resets a board; a virtual board's port has none."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.ioctl(fd, termios.TIOCMGET, bytes(4))
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


# -- inside


def _run(
    path: str,
    command: Sequence[str],
    on_line: Callable[[str], None] = lambda line: None,
    *,
    may_fail: bool = False,
    resets: bool = False,
) -> str:
    """Run esptool at a port; the chip stays in its bootloader unless the command `resets` it."""
    has_lines = has_reset_lines(path)
    options = ["--port", path, "--before", "default-reset" if has_lines else "no-reset"]
    reset = "hard-reset" if has_lines else "watchdog-reset"
    options += ["--after", reset if resets else "no-reset"]
    return _said([_needed(), *options, *command], on_line, may_fail=may_fail)


def _said(
    command: Sequence[str], on_line: Callable[[str], None] = lambda line: None, *, may_fail: bool
) -> str:
    with subprocess.Popen(  # noqa: S603 (esptool with our own arguments)
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "ESPTOOL_OPEN_PORT_ATTEMPTS": "1", "NO_COLOR": "1", "COLUMNS": "120"},
    ) as process:
        said = []
        for line in Lines(process, SILENCE_S):
            said.append(line)
            on_line(line)
    if process.returncode and not may_fail:
        raise CableError(_reason(said), AGAIN)
    return "\n".join(said)


def _reason(said: Sequence[str]) -> str:
    last = [line for line in said if "error" in line.lower()] or list(said)[-1:] or ["?"]
    return f"esptool: {last[-1].strip()}"


def _image_info(image: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "image.bin"
        file.write_bytes(image)
        said = _said([_needed(), "image-info", str(file)], may_fail=True)
    if "Detected image type" not in said or "invalid)" in said:
        raise StopError(
            "不是完整的 ESP 镜像 / no whole ESP image",
            "重新下载 / download it again: micropython.org/download/ESP32_GENERIC_S3",
        )
    return said


def _tell(line: str, progress: Callable[[float], None]) -> None:
    percent = _PERCENT.search(line)
    if "Writing at" in line and percent:
        progress(float(percent[1]))


def _found(pattern: str, said: str) -> str:
    match = re.search(pattern, said)
    if match is None:
        raise CableError(f"esptool 的回答里没有 / does not say: {pattern}", AGAIN)
    return match[1]


def _size(text: str) -> int:
    return int(text.removesuffix("MB")) * _MIB if text.endswith("MB") else 0


def _program() -> str | None:
    beside = Path(sys.executable).with_name("esptool")
    return str(beside) if beside.exists() else shutil.which("esptool")


def _needed() -> str:
    program = _program()
    if program is None:
        raise StopError(
            "没有 esptool / esptool is not installed", "pip install 'xunhe[technician]'"
        )
    return program
