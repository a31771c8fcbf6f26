"""What must hold before the gateway starts; where it does not, why and what to do."""

import logging
import socket
import time

from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.https import authority
from xunhe.adapters.store import before_upgrade, soundness
from xunhe.adapters.store.address import file_at, is_file
from xunhe.adapters.store.soundness import UnsoundError
from xunhe.domain.clock import Clock, ScaledClock, SystemClock
from xunhe.settings import ClockSettings, Settings, WebSettings

log = logging.getLogger(__name__)

_CHECK_S = 0.5  # of looking at the database before the start; the whole of it is read afterwards


class StartError(RuntimeError):
    """The gateway cannot start; the message says why and what to do."""


def check_https(settings: WebSettings) -> None:
    """StartError where HTTPS is on and its certificate is missing or of no use."""
    if settings.https is None:
        return
    try:
        certificate = authority.read(settings.https / authority.SERVER)
    except (OSError, ValueError) as error:
        raise StartError(
            f"web.https = {settings.https}: no certificate there ({error}). Run: xunhe https"
        ) from error
    log.info("https: the certificate holds until %s", certificate.not_valid_after_utc.date())


def check_database(settings: Settings) -> None:
    """StartError where the database cannot be used as it is; nothing of it is changed then."""
    if not is_file(settings.store.database):
        return
    path = file_at(settings.store.database)
    traces = settings.vision.evidence, settings.desk.head_folder
    try:
        soundness.look(path, traces, _CHECK_S, time.monotonic)
        before_upgrade.keep(path)
    except (UnsoundError, BackupError) as error:
        raise StartError(str(error)) from error


def listen(settings: WebSettings) -> socket.socket:
    """The console's listening socket. StartError where its port is taken."""
    # Named TCP: asyncio sets TCP_NODELAY only on sockets whose protocol says so, and without it
    # each answer of head and body waits 40 ms for the other side's delayed acknowledgement.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise StartError(
            f"the console cannot listen on {settings.host}:{settings.port}: {error.strerror}."
            " Stop the other program there or set another web.port."
        ) from error
    listener.listen()
    return listener


def address(settings: WebSettings, listener: socket.socket) -> str:
    """Where the console is."""
    host, port = listener.getsockname()[:2]
    return f"{'http' if settings.https is None else 'https'}://{host}:{port}/"


def clock_of(settings: ClockSettings | None) -> Clock:
    """The clock of a gateway with these settings."""
    if settings is None:
        return SystemClock()
    return ScaledClock(settings.wall_s, settings.river_s, settings.factor)
