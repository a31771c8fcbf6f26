"""The whole edge node against a SCADA host of others, in a Python of its own."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import sparkplug_scada
from tests.gateway.conftest import START, StandingClock
from tests.gateway.upstream.listener import WAIT_S, readings, sent
from xunhe.adapters.upstream.sparkplug import Sparkplug
from xunhe.outward_settings.upstream import SparkplugSettings

pytestmark = pytest.mark.slow  # installs a package with an older paho-mqtt


class Scada:
    """The other process, and what it said."""

    def __init__(self, python: Path, port: int) -> None:
        arguments = [python, sparkplug_scada.__file__, str(port), "district-7", "xunhe"]
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.said: list[Any] = []
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def wait_for(self, seen: Callable[[list[Any]], bool]) -> list[Any]:
        with self._changed:
            assert self._changed.wait_for(lambda: seen(self.said), 3 * WAIT_S), self.said
            return list(self.said)

    def ask(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.said.append(json.loads(line))
                self._changed.notify_all()


@pytest.fixture
def scada(broker: int, tmp_path: Path) -> Iterator[Scada]:
    home = tmp_path / "scada"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    install = [home / "bin/pip", "install", "--quiet", "mqtt-spb-wrapper==2.1.2"]
    subprocess.run(install, check=True)
    scada = Scada(home / "bin/python", broker)
    yield scada
    scada.stop()


def test_a_host_of_others_reads_births_data_and_is_answered(broker: int, scada: Scada) -> None:
    scada.wait_for(bool)
    # mqtt-spb-wrapper 2.1.2 fails on data without names.
    given = {"name": "scada", "host": "127.0.0.1", "port": broker, "tls": False}
    settings = SparkplugSettings.model_validate(given | {"group": "district-7", "aliases": False})
    up = Sparkplug(settings, StandingClock(START))
    sent(up, readings("a", ph=[7.1, 1], do_mg_l=[8.25, 3]))
    said = scada.wait_for(lambda said: len(said) == 4)[1:]
    assert [each[:3] for each in said] == [
        ["NBIRTH", None, "0"],
        ["DBIRTH", "YX-S1", "1"],
        ["DDATA", "YX-S1", "2"],
    ]
    assert said[0][3] == {"bdSeq": 0, "Node Control/Rebirth": False}
    assert said[1][3] == {"ph": 7.1, "do_mg_l": 8.25}
    scada.ask("rebirth")
    scada.wait_for(lambda said: len(said) >= 4)
    sent(up)
    again = scada.wait_for(lambda said: [each[0] for each in said].count("DBIRTH") == 2)
    assert [each[0] for each in again if each[0] == "NBIRTH"] == ["NBIRTH"] * 2
    up.close()
