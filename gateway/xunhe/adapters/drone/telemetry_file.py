"""Telemetry out of any file that is known, by its name's ending."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from xunhe.adapters.drone import photograph
from xunhe.codecs import gpx
from xunhe.codecs.mavlink.logs import decode_bin, decode_tlog
from xunhe.codecs.srt import poses as srt
from xunhe.domain.telemetry import Refusal, Telemetry, TelemetryError

MAX_BYTES = 1_000_000_000  # a day of a flash log


def read(path: Path, utc_offset: timedelta = timedelta(hours=8)) -> Telemetry:
    """The telemetry in a file. TelemetryError where there is none; OSError where it cannot be read.

    `utc_offset` is that of clocks that do not say their zone.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = " ".join(sorted(_READERS))
        said = Refusal(f"不认识 {path.suffix or '无扩展名'}：可用 {known}", f"known: {known}")
        raise TelemetryError([said])
    size = path.stat().st_size
    if size > MAX_BYTES:
        said = Refusal(f"文件 {size} 字节，最多 {MAX_BYTES}", f"{size} bytes, at most {MAX_BYTES}")
        raise TelemetryError([said])
    return reader(path, utc_offset)


def _text(path: Path) -> str:
    """UTF-8 with or without its mark; a byte that is none becomes a sign that no field takes."""
    return path.read_bytes().decode("utf-8-sig", "replace")


_READERS: dict[str, Callable[[Path, timedelta], Telemetry]] = {
    ".srt": lambda path, offset: srt.decode(_text(path), offset),
    ".gpx": lambda path, _: gpx.decode(_text(path)),
    ".tlog": lambda path, _: decode_tlog(path.read_bytes()),
    ".bin": lambda path, _: decode_bin(path.read_bytes()),
    **dict.fromkeys((".jpg", ".jpeg", ".tif", ".tiff", ".png", ".dng"), photograph.read),
}
