"""Short messages by a 4G modem on a serial port: AT commands of 3GPP TS 27.005, PDU mode."""

import itertools
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import serial

from xunhe.adapters.notify.bundle import one_text
from xunhe.adapters.notify.notifier import destination_of
from xunhe.codecs.sms_pdu import IN_PARTS, Pdu, submit
from xunhe.desk.notice_text import Room
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.notify import SmsSettings

_ANSWER_S = 5.0
_SENT_S = 60.0  # the network may take its time
_END = b"\x1a"
_PARTS = 5
_ROOM = Room(_PARTS * (IN_PARTS - 1) * 2, "utf-16-be")  # less one: a part may end before a pair
_NETWORK = frozenset({38, 41, 42, 47, 331, 332})  # TS 27.005 3.2.5: no network, busy, time-out


class ModemError(RuntimeError):
    """The modem does not answer, or answered with an error; `code` is that of +CMS ERROR."""

    def __init__(self, words: str, code: int | None = None) -> None:
        self.code = code
        super().__init__(words)


class Sms:
    """A modem as a destination; its port is opened for each sending: it may be unplugged."""

    def __init__(self, settings: SmsSettings, answer_s: float = _ANSWER_S) -> None:
        self.name = destination_of(settings.name)
        self.pace = Pace(20, settings.a_day, timedelta(days=1), is_one=True)
        self._settings, self._answer_s = settings, answer_s
        self._references = itertools.count(int(time.time()))  # differs after a restart

    def wants(self, message: Message) -> bool:
        """What the notifier files under its name is for it; it has no other source."""
        return False

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """All that waits for the first one's number, in one message of at most five parts."""
        if not messages:
            return []
        text, count = one_text(messages, _ROOM)
        return [self._send(messages[0].body["to"], text)] * count

    def _send(self, number: str, text: str) -> Outcome:
        try:
            parts = submit(number, text, next(self._references))
        except ValueError as error:
            return Outcome(Sent.REFUSED, str(error))
        try:
            with serial.Serial(self._settings.port, self._settings.baud, timeout=0.2) as port:
                for part in parts:
                    _send_part(port, part, self._answer_s)
        except serial.SerialException as error:
            return Outcome(Sent.LATER, f"{self._settings.port}: {error.strerror or 'gone'}")
        except ModemError as error:
            is_network = error.code is None or error.code in _NETWORK
            return Outcome(Sent.LATER if is_network else Sent.FAILED, str(error))
        return DONE


def _send_part(port: serial.Serial, part: Pdu, answer_s: float) -> None:
    port.reset_input_buffer()
    _ask(port, b"ATE0\r", _is_ok, answer_s)
    _ask(port, b"AT+CMGF=0\r", _is_ok, answer_s)
    _ask(port, f"AT+CMGS={part.length}\r".encode(), lambda heard: heard.endswith(b"> "), answer_s)
    answer = _ask(port, part.hex.encode() + _END, _is_ok, _SENT_S)
    if b"+CMGS:" not in answer:
        raise ModemError("the modem said OK without a number of the message")


def _is_ok(heard: bytes) -> bool:
    return heard.endswith(b"OK\r\n")


def _ask(
    port: serial.Serial, line: bytes, is_done: Callable[[bytes], bool], wait_s: float
) -> bytes:
    """Send and listen until it is done. Raises ModemError for an error and for silence."""
    port.write(line)
    heard, end_s = b"", time.monotonic() + wait_s
    while time.monotonic() < end_s:
        heard += bytes(port.read(max(port.in_waiting, 1)))
        if is_done(heard):
            return heard
        if b"ERROR" in heard and heard.endswith(b"\r\n"):
            raise _error(heard)
    raise ModemError(f"the modem was silent for {wait_s:g} s")


def _error(heard: bytes) -> ModemError:
    words = heard.decode("ascii", "replace").strip().splitlines()[-1]
    code = words.rpartition(":")[2].strip()
    return ModemError(words, int(code) if code.isdigit() else None)
