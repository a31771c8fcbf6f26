"""Gives the log's head away every hour: to a file, to the broker, by mail where that is set.

Whoever holds a head that was given away can tell whether an entry before it has been changed or
taken out since, even by somebody who rewrote the whole chain.
"""

import json
import logging
import smtplib
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.raised import raise_message
from xunhe.adapters.store.schema import desk_head
from xunhe.adapters.whole_file import write_whole
from xunhe.desk.log import JSON, Entry, iso
from xunhe.settings import MailSettings

log = logging.getLogger(__name__)

_EVERY = timedelta(hours=1)
_MAIL_TIMEOUT_S = 20.0


class HeadKeeper:
    """Publishes the head of one log. One thread calls `tick`."""

    def __init__(self, database: Database, folder: Path, mail: MailSettings | None = None) -> None:
        self._database, self._folder, self._mail = database, folder, mail
        self._looked_at: datetime | None = None

    def tick(self, now: datetime) -> bool:
        """Give the head away where an hour has passed and it has moved."""
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < _EVERY:
            return False
        self._looked_at = now
        with self._database.write() as connection:
            head = desk_log.last(connection)
            if head is None or not _is_new(connection, head):
                return False
            _keep(connection, head, now)
        self._write(head, now)
        if self._mail is not None:
            _send(self._mail, head, now)
        return True

    def _write(self, head: Entry, now: datetime) -> None:
        """A file of its own for every head: nothing that was published is written again."""
        self._folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"seq": head.seq, "hash": head.hash, "at": iso(now)}) + "\n"
        write_whole(self._folder / f"head-{head.seq:012d}.json", text.encode())


def published(folder: Path) -> Mapping[int, str]:
    """Seq and hash of every head in a folder. ValueError for a file that is none."""
    heads = {}
    for path in sorted(folder.glob("head-*.json")):
        try:
            head = json.loads(path.read_text("utf-8"))
            heads[int(head["seq"])] = str(head["hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} is no head of the log: {error}") from error
    return heads


def _is_new(connection: sa.Connection, head: Entry) -> bool:
    known = sa.select(desk_head.c.seq).where(desk_head.c.seq == head.seq)
    return connection.execute(known).first() is None


def _keep(connection: sa.Connection, head: Entry, now: datetime) -> None:
    connection.execute(desk_head.insert().values(seq=head.seq, hash=head.hash, at=now))
    payload: dict[str, JSON] = {"seq": head.seq, "hash": head.hash, "at": iso(now)}
    raise_message(connection, f"desk-head:{head.seq}", "xunhe/v1/desk/head", payload, now)


def _send(settings: MailSettings, head: Entry, now: datetime) -> None:
    """A mail that fails is said in the program's log; file and broker have the head anyway."""
    message = EmailMessage()
    message["Subject"] = f"巡河日志 xunhe desk log {head.seq} {head.hash[:12]}"
    message["From"], message["To"] = settings.sender, ", ".join(settings.to)
    message.set_content(f"seq {head.seq}\nhash {head.hash}\nat {iso(now)}\n")
    try:
        with smtplib.SMTP(settings.host, settings.port, timeout=_MAIL_TIMEOUT_S) as server:
            if settings.starttls:
                server.starttls()
            if settings.user is not None:
                server.login(settings.user, settings.password or "")
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("head=%d was not mailed: %s", head.seq, error)
