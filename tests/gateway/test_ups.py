"""The gateway stops cleanly before its battery is empty, and for no other reason."""

import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import nut
from xunhe.adapters.ups import Guard
from xunhe.adapters.ups_nut import Supply, UpsError, look, supply_of
from xunhe.parts import _watch_supply
from xunhe.settings import UpsSettings
from xunhe.supervisor import Supervisor

REGISTRY = Path(__file__).parents[2] / "tools/xunhe_tools/demo_registry"
MAINS = Supply(on_battery=False, is_low=False, is_forced=False, charge_percent=100)
SETTINGS = UpsSettings(host="127.0.0.1", stop_percent=40, lost_s=60)


def battery(percent: float | None, is_low: bool = False) -> Supply:
    return Supply(on_battery=True, is_low=is_low, is_forced=False, charge_percent=percent)


class Story:
    """A guard that is told one look after the other; `None` is a server that is away."""

    def __init__(self) -> None:
        self.time_s = 0.0
        self.stops = 0
        self._next: Supply | None = None
        self.guard = Guard(SETTINGS, self._ask, lambda: self.time_s, self._stop)

    def _ask(self) -> Supply:
        if self._next is None:
            raise UpsError("127.0.0.1:3493: Connection refused")
        return self._next

    def _stop(self) -> None:
        self.stops += 1

    def tell(self, *looks: Supply | None, every_s: float = 10) -> str | None:
        reason = None
        for self._next in looks:
            self.time_s += every_s
            reason = self.guard.step()
        return reason


@pytest.mark.parametrize(("percent", "stops"), [(40.1, False), (40, True), (39.9, True), (0, True)])
def test_the_charge_stops_it_at_and_below_the_limit(percent: float, stops: bool) -> None:
    story = Story()
    assert (story.tell(battery(percent), battery(percent)) is not None) == stops
    assert story.stops == stops


def test_one_low_look_alone_stops_nothing() -> None:
    story = Story()
    story.tell(battery(10), battery(90), battery(10), MAINS)
    assert story.stops == 0


def test_an_empty_battery_on_mains_stops_nothing() -> None:
    charging = Supply(on_battery=False, is_low=True, is_forced=False, charge_percent=2)
    assert Story().tell(*[charging] * 5) is None


def test_the_supplys_own_low_counts_where_it_measures_no_charge() -> None:
    story = Story()
    assert story.tell(battery(None), battery(None)) is None
    assert story.tell(battery(None, is_low=True), battery(None, is_low=True)) is not None


def test_a_forced_shutdown_stops_at_once() -> None:
    story = Story()
    forced = Supply(on_battery=False, is_low=False, is_forced=True, charge_percent=100)
    assert story.tell(forced) == "the supply's server forces a shutdown"


def test_a_server_that_is_away_on_mains_stops_nothing_and_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    story = Story()
    story.tell(MAINS, *[None] * 100)
    assert story.stops == 0
    assert caplog.text.count("Connection refused") == 1


@pytest.mark.parametrize(("silent_looks", "stops"), [(5, False), (6, True)])
def test_silence_on_battery_is_the_batterys_end(silent_looks: int, stops: bool) -> None:
    story = Story()
    story.tell(battery(90), *[None] * silent_looks)
    assert bool(story.stops) == stops


def test_a_server_never_heard_stops_nothing() -> None:
    assert Story().tell(*[None] * 50) is None


def test_losing_and_regaining_mains_is_said_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Story().tell(MAINS, battery(99), battery(98), MAINS, MAINS)
    assert caplog.text.count("mains lost") == 1
    assert caplog.text.count("mains are back") == 1


# -- the protocol


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("OL", (False, False, False)),
        ("OL CHRG", (False, False, False)),
        ("OB DISCHRG", (True, False, False)),
        ("OB DISCHRG LB", (True, True, False)),
        ("FSD OB LB", (True, True, True)),
    ],
)
def test_the_words_of_the_status(status: str, expected: tuple[bool, bool, bool]) -> None:
    supply = supply_of(status, None)
    assert (supply.on_battery, supply.is_low, supply.is_forced) == expected


@pytest.mark.parametrize("status", ["", "WAIT", "OFF"])
def test_a_status_without_a_source_of_power_is_an_error(status: str) -> None:
    with pytest.raises(UpsError, match="neither OL nor OB"):
        supply_of(status, 50)


ANSWERS = {
    "GET VAR ups ups.status": b'VAR ups ups.status "OB DISCHRG"\n',
    "GET VAR ups battery.charge": b'VAR ups battery.charge "71"\n',
    "LOGOUT": b"OK Goodbye\n",
}


def test_a_look_over_the_wire() -> None:
    with nut.answering(ANSWERS) as port:
        assert look("127.0.0.1", port, "ups") == battery(71)


def test_a_supply_without_a_gauge_has_no_charge() -> None:
    answers = {**ANSWERS, "GET VAR ups battery.charge": b"ERR VAR-NOT-SUPPORTED\n"}
    with nut.answering(answers) as port:
        assert look("127.0.0.1", port, "ups").charge_percent is None


@pytest.mark.parametrize(
    ("question", "answer", "complaint"),
    [
        ("GET VAR ups ups.status", b"ERR UNKNOWN-UPS\n", "UNKNOWN-UPS"),
        ("GET VAR ups ups.status", b"ERR DATA-STALE\n", "DATA-STALE"),
        ("GET VAR ups ups.status", b'VAR ups ups.status "OB\n', "quotation"),
        ("GET VAR ups ups.status", b'VAR ups ups.status "OB" x\n', "answers"),
        ("GET VAR ups ups.status", b"x" * 2000 + b"\n", "breaks off"),
        ("GET VAR ups battery.charge", b'VAR ups battery.charge "full"\n', "not a number"),
        ("GET VAR ups battery.charge", b'VAR ups battery.charge "140"\n', "not 0 to 100"),
        ("GET VAR ups battery.charge", b'VAR ups battery.charge "nan"\n', "not 0 to 100"),
    ],
)
def test_a_strange_answer_is_an_error_with_its_reason(
    question: str, answer: bytes, complaint: str
) -> None:
    with (
        nut.answering({**ANSWERS, question: answer}) as port,
        pytest.raises(UpsError, match=complaint),
    ):
        look("127.0.0.1", port, "ups")


@given(st.text(max_size=40))
def test_a_status_of_any_words_is_a_supply_or_an_error(status: str) -> None:
    with suppress(UpsError):
        assert isinstance(supply_of(status, None), Supply)


def test_nobody_listening_is_an_error() -> None:
    with pytest.raises(UpsError, match=r"127\.0\.0\.1"):
        look("127.0.0.1", nut.free_port(), "ups", timeout_s=1)


# -- against NUT itself


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[nut.RealNut]:
    if nut.UPSD is None:
        pytest.skip("Debian's nut-server is not installed: run make debian-packages")
    server = nut.RealNut(tmp_path_factory.mktemp("nut"))
    with server.running():
        yield server


def _until(holds: Callable[[], bool]) -> bool:
    pause = threading.Event()
    return any(holds() or pause.wait(0.1) for _ in range(100))


def _says(server: nut.RealNut, expected: Supply) -> bool:
    """Whether it says so now; NUT answers WAIT until its driver has spoken."""
    with suppress(UpsError):
        return look("127.0.0.1", server.port, "ups") == expected
    return False


def test_nuts_own_server_is_understood(real: nut.RealNut) -> None:
    assert _until(lambda: _says(real, MAINS))
    real.say("OB DISCHRG LB", 12)
    assert _until(lambda: _says(real, battery(12, is_low=True)))


def test_nuts_own_server_refuses_an_unknown_supply(real: nut.RealNut) -> None:
    with pytest.raises(UpsError, match="UNKNOWN-UPS"):
        look("127.0.0.1", real.port, "another")


# -- in the gateway


def test_the_gateways_server_is_told_to_end(tmp_path: Path) -> None:
    answers = {**ANSWERS, "GET VAR ups battery.charge": b'VAR ups battery.charge "12"\n'}
    parts, server = Supervisor(), SimpleNamespace(should_exit=False)
    with nut.answering(answers) as port:
        settings = UpsSettings(host="127.0.0.1", port=port, every_s=0.02)
        _watch_supply(parts, settings, server)  # type: ignore[arg-type]
        assert _until(lambda: server.should_exit)
        parts.stop()


def test_a_gateway_on_a_low_battery_ends_by_itself_with_status_0(tmp_path: Path) -> None:
    shutil.copytree(REGISTRY, tmp_path / "registry")
    answers = {**ANSWERS, "GET VAR ups battery.charge": b'VAR ups battery.charge "12"\n'}
    with nut.answering(answers) as port:
        (tmp_path / "xunhe.toml").write_text(
            f"[web]\nport = {nut.free_port()}\n[mqtt]\nport = {nut.free_port()}\n"
            "[vision]\nenabled = false\n"
            f'[ups]\nhost = "127.0.0.1"\nport = {port}\nevery_s = 0.1\n'
        )
        ended = subprocess.run(
            [sys.executable, "-m", "xunhe_tools", "run"],
            cwd=tmp_path,
            capture_output=True,
            timeout=200,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert b"battery at 12 %, stop at 40 %" in ended.stdout + ended.stderr


def test_without_a_host_nothing_is_watched() -> None:
    parts = Supervisor()
    _watch_supply(parts, UpsSettings(), SimpleNamespace())  # type: ignore[arg-type]
    assert parts.failures == {}
