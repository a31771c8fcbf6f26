"""How loud the program is, and how its lines look: for a terminal, or for systemd's journal."""

import logging
import os

from xunhe.settings import LogSettings

_LINE = "%(levelname)s %(name)s %(message)s"
_TIME = "%Y-%m-%dT%H:%M:%S%z"  # with the offset: lines of two machines can be put in order
_CHATTY = ("amqtt", "transitions", "alembic")  # others' loggers: errors only, unless told
# sd-daemon(3): the journal reads the priority from the head of a line, `journalctl -p err` asks it.
_PRIORITIES = {
    logging.DEBUG: 7,
    logging.INFO: 6,
    logging.WARNING: 4,
    logging.ERROR: 3,
    logging.CRITICAL: 2,
}


class JournalFormatter(logging.Formatter):
    """Lines with a priority each and without a time, which the journal has."""

    def format(self, record: logging.LogRecord) -> str:
        """Every line of a message of several lines gets the priority."""
        head = f"<{_PRIORITIES.get(record.levelno, 6)}>"
        return "\n".join(head + line for line in super().format(record).splitlines())


def set_up(settings: LogSettings) -> None:
    """Once, before anything is logged."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        JournalFormatter(_LINE)
        if "JOURNAL_STREAM" in os.environ
        else logging.Formatter(f"%(asctime)s {_LINE}", _TIME)
    )
    logging.basicConfig(level=settings.level.upper(), handlers=[handler])
    for name, level in (dict.fromkeys(_CHATTY, "error") | settings.levels).items():
        logging.getLogger(name).setLevel(level.upper())
