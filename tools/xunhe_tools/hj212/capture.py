"""Captures as people have them: raw bytes, pasted text, hex with or without a dump's columns."""

import re
import sys
from pathlib import Path

_DUMPS = (
    re.compile(rb"[0-9a-fA-F]+:\s((?:[0-9a-fA-F]{2,4} )+)"),  # xxd
    re.compile(rb"[0-9a-fA-F]{8}\s\s((?:[0-9a-fA-F]{2}\s{1,2})+)"),  # hexdump -C
    re.compile(rb"((?:[0-9a-fA-F]{2}\s?)+)$"),  # nothing but hex
)


def bytes_of(capture: bytes) -> bytes:
    """What went over the line."""
    dumped = _of_dump(capture)
    return capture if dumped is None else dumped


def with_line_ends(text: bytes) -> bytes:
    """Text that was copied has lost its CR: where no line ends with CR LF, LF stands for both."""
    return text if b"\r\n" in text else text.replace(b"\n", b"\r\n")


def _of_dump(capture: bytes) -> bytes | None:
    """None where a line is no part of a dump; a dump's last line may be an offset alone."""
    found = bytearray()
    for line in capture.splitlines():
        hexes = _hex_of(line.strip())
        if hexes is None:
            return None
        found += bytes.fromhex(hexes.decode())
    return bytes(found)


def _hex_of(line: bytes) -> bytes | None:
    if not line or re.fullmatch(rb"[0-9a-fA-F]{8}:?", line):
        return b""
    matches = (pattern.match(line + b" ") or pattern.match(line) for pattern in _DUMPS)
    match = next(filter(None, matches), None)
    digits = b"" if match is None else b"".join(match[1].split())
    return digits if match is not None and len(digits) % 2 == 0 else None


def read_file(file: Path) -> bytes:
    """A file, or standard input for `-`. OSError where it cannot be read."""
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
