"""The technician's line of the virtual board: standard input, never waited for."""

import select
import sys

_LONGEST = 2048
_typed = bytearray()
# Byte by byte and past CPython's buffer: what it holds no poll would tell of.
_stdin = sys.stdin.buffer.raw if hasattr(sys.stdin.buffer, "raw") else sys.stdin.buffer
_poller = select.poll()
_poller.register(sys.stdin, select.POLLIN)


def line():
    """The next whole line, or None; "" for one that is no text."""
    while _poller.poll(0):
        byte = _stdin.read(1)
        if not byte:  # nobody is there any more
            return None
        if byte == b"\n":
            whole = bytes(_typed)
            _typed[:] = b""
            return _text(whole)
        if len(_typed) < _LONGEST:
            _typed.extend(byte)
    return None


def _text(data):
    try:
        return str(data, "utf-8")
    except UnicodeError:
        return ""
