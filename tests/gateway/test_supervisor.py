"""The supervisor: a part that fails is counted and started again, and the others go on."""

import threading

import pytest

from xunhe.supervisor import Supervisor


def test_a_part_that_fails_comes_back_and_leaves_the_others_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("xunhe.supervisor.PAUSE_S", 0.01)
    recovered, other = threading.Event(), threading.Event()
    failing = [OSError("disk"), ValueError("rubbish")]

    def shaky() -> None:
        if failing:
            raise failing.pop()
        recovered.set()
        supervisor.wait(0.01)

    def steady() -> None:
        other.set()
        supervisor.wait(0.01)

    supervisor = Supervisor()
    supervisor.start("shaky", shaky)
    supervisor.start("steady", steady)
    assert recovered.wait(5)
    assert other.wait(5)
    supervisor.stop()
    assert supervisor.failures == {"shaky": 2, "steady": 0}
    assert "part=shaky failed 2 times" in caplog.text
