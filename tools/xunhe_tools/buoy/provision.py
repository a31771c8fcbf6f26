"""Gives a board its identity: staged at the board, registered at the gateway, then switched over.

    1  stage      the new configuration lies on the board beside the old one, compared by SHA-256
    2  register   the gateway takes the new key and revokes the old one; or a file is sealed
    3  switch     one rename; the board starts with the new identity
    4  verify     it answers on its console with the new station

A cable that is pulled before 2 leaves the old identity, at the board and at the gateway. Between 2
and 3 the board keeps its old one, which the gateway refuses: its readings stay in its log until the
same command has run again. After 3 all is done.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from xunhe_buoy.bootcount import MAX_BOOT
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import CableError, RefusedError, StopError
from xunhe_tools.buoy.provision_identity import BOOT, CA, CONFIG, Place, station_of

STAGED = CONFIG + ".next"
_ANSWERS_S = 40.0  # from reset to the first answer: slots are checked, a watchdog may bite once
_PAUSE_S = 0.5


class Files(Protocol):
    """Files of the board, and its restart."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None where there is none."""
        ...

    def replace(self, path: str, data: bytes) -> None:
        """Put bytes in place: old or new, never half."""
        ...

    def run(self, code: str) -> str:
        """What the code printed."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file if it is there."""
        ...

    def hardware_id(self) -> str:
        """The factory MAC address, 12 hex digits."""
        ...

    def restart(self) -> None:
        """Start anew."""
        ...


@dataclass(frozen=True, slots=True)
class Board:
    """What stands on the bench: its address and the station it was for."""

    device: str
    station: str | None
    boot: int


def look(files: Files) -> Board:
    """What is known of the board before anything is changed."""
    return Board(files.hardware_id(), station_of(files.read(CONFIG)), _boot(files))


def check_owner(board: Board, named: str) -> None:
    """Nobody re-provisions a buoy by mistake: its serial must be named. StopError says it."""
    if board.station is not None and named.lower() != board.device:
        raise StopError(
            f"这块板 {board.device} 已属于站点 {board.station} / this board already serves"
            f" {board.station}",
            f"旧密钥会作废；确实要换，写明编号 / its key will be revoked; if meant, name it:"
            f" --device {board.device}",
        )


def stage(files: Files, config: Mapping[str, Any], place: Place) -> None:
    """Put all on the board that does not change what it is."""
    if place.ca_der is not None:
        files.replace(CA, place.ca_der)
    files.replace(STAGED, json.dumps(config).encode())


def switch(files: Files, first_boot: int, board: Board) -> None:
    """The new identity counts from now on; boot numbers go on where the gateway knows them."""
    last = max(board.boot, first_boot - 1)
    if last > MAX_BOOT - 100:
        raise StopError(
            f"启动次数 {last} 快用尽 / boot number {last} is near its end",
            "换一块板 / take another board",
        )
    files.replace(BOOT, b"%d\n" % last)
    files.run(f"os.rename({STAGED!r}, {CONFIG!r})\nhasattr(os, 'sync') and os.sync()")
    files.restart()


def unstage(files: Files) -> None:
    """The gateway said no: nothing of the new identity stays on the board."""
    files.remove(STAGED)


def verify(
    connect: Callable[[], AbstractContextManager[Console]], station: str, device: str
) -> dict[str, Any]:
    """The buoy's own word that it is this one; StopError or CableError where it is not."""
    deadline_s = time.monotonic() + _ANSWERS_S
    while True:
        try:
            with connect() as console:
                said = console.ask({"do": "config"}, wait_s=4)
                break
        except (CableError, RefusedError):
            if time.monotonic() > deadline_s:
                raise
            time.sleep(_PAUSE_S)
    if (said["station"], said["device"]) != (station, device):
        raise StopError(
            f"浮标自称 {said['device']} @ {said['station']} / the buoy says so",
            "换线后再试 / look at the cable: xunhe buoy list",
        )
    return said


def _boot(files: Files) -> int:
    data = (files.read(BOOT) or b"0").strip()
    return int(data) if data.isdigit() else 0
