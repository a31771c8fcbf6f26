"""Log levels by logger; under systemd each line carries its priority and no time."""

import logging
from collections.abc import Iterator
from datetime import datetime

import pytest

from xunhe.adapters import log_setup
from xunhe.settings import LogSettings


@pytest.fixture(autouse=True)
def loggers() -> Iterator[None]:
    """Put back what the test changes."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    for name in ("amqtt", "alembic", "transitions", "xunhe.adapters.mqtt"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def set_up(settings: LogSettings) -> None:
    """As in a process of its own, where nobody has taken the root logger."""
    logging.getLogger().handlers = []
    log_setup.set_up(settings)


def test_a_logger_s_own_level_wins_over_the_general_one() -> None:
    set_up(LogSettings(level="warning", levels={"xunhe.adapters.mqtt": "debug"}))
    assert logging.getLogger("xunhe.adapters.mqtt").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("xunhe.adapters.ingest").isEnabledFor(logging.INFO)
    assert not logging.getLogger("amqtt").isEnabledFor(logging.WARNING)


def test_in_the_journal_every_line_has_its_priority(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    set_up(LogSettings())
    logging.getLogger("xunhe.adapters.mqtt").error("two\nlines")
    assert capsys.readouterr().err == "<3>ERROR xunhe.adapters.mqtt two\n<3>lines\n"


def test_on_a_terminal_every_line_has_its_time_with_the_offset(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    set_up(LogSettings())
    logging.getLogger("xunhe.adapters.mqtt").warning("link lost")
    said = capsys.readouterr().err
    assert datetime.fromisoformat(said.split()[0]).tzinfo is not None
    assert said.endswith("WARNING xunhe.adapters.mqtt link lost\n")
