"""The lines of a process that must not fall silent."""

import os
import select
import subprocess
from collections.abc import Iterator

from xunhe_tools.buoy.errors import AGAIN, SilentError


class Lines:
    """Iterates over what a process prints; one that is silent for so long is ended: CableError.

    Progress bars end their lines with a carriage return: that ends a line here too.
    """

    def __init__(self, process: subprocess.Popen[bytes], silence_s: float) -> None:
        self._process, self._silence_s = process, silence_s

    def __iter__(self) -> Iterator[str]:
        buffer = b""
        while piece := self._piece():
            *whole, buffer = (buffer + piece).replace(b"\r", b"\n").split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in whole if line.strip())
        if buffer.strip():
            yield buffer.decode("utf-8", "replace")
        self._process.wait()

    def _piece(self) -> bytes:
        """What it said next; nothing once it has ended."""
        out = self._process.stdout
        if out is None:
            raise ValueError("give a process with a pipe as its standard output")
        if not select.select([out], [], [], self._silence_s)[0]:
            self._process.kill()
            raise SilentError(
                f"{self._silence_s:.0f} 秒没有动静 / nothing happened for {self._silence_s:.0f} s",
                AGAIN,
            )
        return os.read(out.fileno(), 4096)
