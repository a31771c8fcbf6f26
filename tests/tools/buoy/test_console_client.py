"""The client of the buoy's console, against bytes of a wire; and the REPL against silence."""

import json
import threading

import pytest

from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import RefusedError, SilentError
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.virtual_river.serial_line import Pty


class Wire:
    """The buoy's end: answers each line with what the test laid ready."""

    def __init__(self, *answers: bytes) -> None:
        self.pty = Pty()
        self.heard: list[str] = []
        self._answers = list(answers)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        buffer = b""
        while not self._stop.wait(0.005):
            buffer += self.pty.read()
            while b"\n" in buffer:
                line, _, buffer = buffer.partition(b"\n")
                self._answer(line.decode().strip())

    def _answer(self, line: str) -> None:
        if line:  # an empty one ends what a pulled cable cut short
            self.heard.append(line)
            self.pty.write(self._answers.pop(0) if self._answers else b"")

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self.pty.close()


@pytest.fixture
def wire():
    made: list[Wire] = []

    def build(*answers: bytes) -> Wire:
        made.append(Wire(*answers))
        return made[-1]

    yield build
    for each in made:
        each.close()


def test_a_request_is_one_line_with_a_number_and_its_reply_comes_back(wire) -> None:
    end = wire(b'{"ok": true, "ph": 7.0, "id": 1}\r\n')
    with Console(end.pty.path) as console:
        assert console.ask({"do": "read"}) == {"ph": 7.0}
    assert json.loads(end.heard[0]) == {"do": "read", "id": 1}


def test_the_buoys_own_lines_are_events_and_no_replies(wire) -> None:
    end = wire(b'sampled boot=1\r\nacked\n{"ok": true, "id": 1}\n')
    events: list[str] = []
    with Console(end.pty.path, events.append) as console:
        assert console.ask({"do": "read"}) == {}
    assert events == ["sampled boot=1", "acked"]


@pytest.mark.parametrize(
    "other",
    [
        b'{"ok": true, "id": 7}\n',  # the reply to what was asked before
        b'{"ok": true}\n',
        b'{"do": "read", "id": 1}\n',  # a REPL echoes
        b"{'do': 'read', 'id': 1}\n",
        b'{"ok": true, "id": \n',
        b"\xff\xfe{}\n",
        b"[1]\n",
    ],
)
def test_what_is_no_reply_to_this_request_is_passed_over(wire, other: bytes) -> None:
    end = wire(other + b'{"ok": true, "x": 1, "id": 1}\n')
    with Console(end.pty.path) as console:
        assert console.ask({"do": "read"}) == {"x": 1}


def test_a_refusal_carries_the_buoys_reason(wire) -> None:
    end = wire(b'{"ok": false, "reason": "not in safe mode", "id": 1}\n')
    with Console(end.pty.path) as console, pytest.raises(RefusedError) as found:
        console.ask({"do": "read"})
    assert found.value.reason == "not in safe mode"


def test_silence_is_told_with_what_to_do(wire) -> None:
    end = wire()
    with Console(end.pty.path) as console, pytest.raises(SilentError) as found:
        console.ask({"do": "read"}, 0.2)
    assert "press reset" in found.value.next_step


def test_a_reply_in_pieces_is_one_reply(wire) -> None:
    end = wire(b'{"ok": tr')
    threading.Timer(0.2, lambda: end.pty.write(b'ue, "id": 1}\n')).start()
    with Console(end.pty.path) as console:
        assert console.ask({"do": "read"}, 10) == {}


def test_a_line_without_end_is_given_up(wire) -> None:
    end = wire(b"x" * 3000)
    with Console(end.pty.path) as console, pytest.raises(SilentError):
        console.ask({"do": "read"}, 0.3)


def test_a_port_on_which_nobody_answers_has_no_micropython(wire) -> None:
    with pytest.raises(SilentError, match="no MicroPython answers"):
        Repl(wire().pty.path).open()
