"""MicroPython images: which ones a technician has found good. The list ships empty."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from xunhe_tools.buoy import chip, partitions
from xunhe_tools.buoy.errors import StopError
from xunhe_tools.buoy.home import home


@dataclass(frozen=True, slots=True)
class Image:
    """A file that was checked: its digest in hex, what it is, for which flash."""

    sha256: str
    name: str
    program: str
    flash_bytes: int


def known() -> list[Image]:
    """The images added so far."""
    try:
        rows = json.loads(_list().read_text("utf-8"))
    except FileNotFoundError:
        return []
    return [Image(**row) for row in rows]


def examine(file: Path) -> Image:
    """What a file is. StopError where it is no whole image of MicroPython for this chip."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise StopError(
            f"{file}: {error.strerror}", "给出镜像文件 / give the image's file"
        ) from None
    info = chip.image_info(data)
    if info.chip != chip.CHIP:
        raise StopError(
            f"{file.name} 是 {info.chip} 的镜像 / is an image for {info.chip}",
            f"取 {chip.CHIP} 的 / take one for {chip.CHIP}",
        )
    if not info.program.startswith("micropython "):
        raise StopError(
            f"{file.name} 里不是 MicroPython / holds no MicroPython ({info.program or '-'})",
            "micropython.org/download/ESP32_GENERIC_S3",
        )
    try:
        partitions.with_table(data, info.flash_bytes)
    except ValueError as error:
        raise StopError(
            f"{file.name}: {error}", "micropython.org/download/ESP32_GENERIC_S3"
        ) from None
    return Image(hashlib.sha256(data).hexdigest(), file.name, info.program, info.flash_bytes)


def add(file: Path) -> Image:
    """Put an image on the list."""
    image = examine(file)
    rows = [each for each in known() if each.sha256 != image.sha256] + [image]
    _list().parent.mkdir(parents=True, exist_ok=True)
    fresh = _list().with_suffix(".new")
    fresh.write_text(json.dumps([asdict(each) for each in rows], indent=1), "utf-8")
    fresh.replace(_list())
    return image


def trusted(file: Path) -> Image:
    """An image that is on the list; StopError says how it gets there."""
    image = examine(file)
    if image.sha256 not in {each.sha256 for each in known()}:
        raise StopError(
            f"{file.name} 不在已知镜像中 / is not a known image\n  SHA-256 {image.sha256}",
            "与下载页核对后 / compare with the download page, then: xunhe buoy image add "
            + str(file),
        )
    return image


def _list() -> Path:
    return home() / "images.json"
