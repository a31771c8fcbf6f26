"""A 4G modem on a PTY that takes short messages; it reads PDUs with a library of its own."""

import os
import pty
import re
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from smspdudecoder.fields import SMSSubmit


@dataclass
class SmsModem:
    """What it has taken; `errors` are answered first, `is_silent` answers nothing."""

    path: str
    taken: list[dict[str, Any]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    is_silent: bool = False

    def answer(self, line: bytes) -> bytes:
        if self.is_silent:
            return b""
        if line.startswith(b"AT+CMGS="):
            self._length = int(line.partition(b"=")[2])
            return b"\r\n> "
        if line.startswith((b"AT", b"ATE0")):
            return b"\r\nOK\r\n"
        return self._take(line.decode())

    def _take(self, pdu: str) -> bytes:
        if self.errors:
            return f"\r\n{self.errors.pop(0)}\r\n".encode()
        if len(pdu) // 2 - 1 != self._length:
            return b"\r\n+CMS ERROR: 304\r\n"
        self.taken.append(SMSSubmit.decode(StringIO(pdu)))
        return f"\r\n+CMGS: {len(self.taken)}\r\n\r\nOK\r\n".encode()


@contextmanager
def sms_modem() -> Iterator[SmsModem]:
    """A modem at its `path`."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    modem = SmsModem(os.ttyname(theirs))

    def listen() -> None:
        heard = b""
        while True:
            try:
                heard += os.read(ours, 1024)
            except OSError:
                return
            *lines, heard = re.split(rb"[\r\x1a]", heard)
            for line in lines:
                os.write(ours, modem.answer(line.strip()))

    thread = threading.Thread(target=listen)
    thread.start()
    yield modem
    os.close(theirs)  # the reader's next read fails
    thread.join(60)
    os.close(ours)
