"""Keeps the broker's rights in step with the store: who is enrolled comes in, who is revoked goes.

It looks every two seconds, because enrolments arrive by the API, by commands in other processes
and by restored backups alike.
"""

import logging
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

from xunhe.adapters.broker_rights import GATEWAY, Rights, password_of, rights_of
from xunhe.adapters.enrolment_seal import new_secret
from xunhe.adapters.https import authority
from xunhe.adapters.mqtt import Credentials
from xunhe.adapters.store import devices, enrolments
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import Clock

log = logging.getLogger(__name__)

EVERY_S = 2.0


class RightsBook:
    """The rights as the store has them now. `readers`: programs that read values, name → hash."""

    def __init__(self, database: Database, readers: Mapping[str, str], clock: Clock) -> None:
        self._database, self._readers = database, readers
        with database.write() as connection:
            self._secret = enrolments.secret(connection, clock.now(), new_secret)

    def rights(self) -> Rights:
        """Read the store. ValueError for a reader's name that the broker cannot have."""
        with self._database.read() as connection:
            enrolled = [device for device, _ in devices.enrolled(connection)]
        return rights_of(enrolled, self._secret, self._readers)

    def credentials(self, folder: Path) -> Credentials:
        """How the gateway itself comes in; it trusts the folder's authority and no other."""
        context = ssl.create_default_context(cafile=str(folder / authority.AUTHORITY))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return Credentials(GATEWAY, password_of(self._secret, GATEWAY), context)


class Keeper:
    """Hands other rights, or a renewed certificate, to `apply`."""

    def __init__(
        self, book: RightsBook, folder: Path, clock: Clock, apply: Callable[[Rights], None]
    ) -> None:
        self._book, self._folder, self._clock, self._apply = book, folder, clock, apply
        self._applied: Rights | None = None

    def step(self) -> bool:
        """Look once; True where something was changed."""
        is_renewed = authority.renew(self._folder, self._clock.now())
        rights = self._book.rights()
        if rights == self._applied and not is_renewed:
            return False
        self._apply(rights)
        self._applied = rights
        log.info("broker: %d accounts in force", len(rights.accounts))
        return True
