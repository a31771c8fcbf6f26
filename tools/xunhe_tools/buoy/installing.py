"""Puts a release onto a board by the REPL, beside whatever runs there, and switches last.

Every step can be repeated: what is right already is left alone. Until `stage` the old version
starts; the switch is one small file, replaced whole. After it the release is on trial until
`confirm`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xunhe_tools.buoy import layout
from xunhe_tools.buoy.errors import CableError, StopError
from xunhe_tools.buoy.repl import Repl

SPARE_BYTES = 32768  # of the file system: state, calibrations, a crash log


@dataclass(frozen=True, slots=True)
class Slots:
    """The slots of a board: which one starts, which one is free, the greatest release so far."""

    confirmed: str
    spare: str
    trial: str | None
    newest: int


def slots(repl: Repl) -> Slots:
    """Read from a board; a board without slots starts nothing."""
    try:
        state = json.loads(repl.read(f"{layout.SLOTS}/state") or b"{}")
    except ValueError:  # as the boot code takes it
        state = {}
    confirmed = state.get("confirmed", "factory")
    spare = "a" if confirmed != "a" else "b"
    return Slots(confirmed, spare, state.get("trial"), state.get("newest", 0))


@dataclass(frozen=True, slots=True)
class Release:
    """What is to be installed."""

    number: int
    version: str
    board: str
    entries: Mapping[str, bytes]

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(len(content) for content in self.entries.values())


def upload(repl: Repl, release: Release, progress: Callable[[int], None]) -> int:
    """Boot code and firmware, each file verified by its hash; how many had to be written.

    StopError where another release is on trial. This one may be: it was put there by a command that
    was cut short before it could confirm.
    """
    now = slots(repl)
    firmware = layout.slot_files(now.spare, release.entries)
    if now.trial is not None and not _holds(repl, now.trial, firmware):
        raise StopError(
            "上一次升级还在试运行 / an update is on trial",
            "等它确认或退回再来 / wait until it is confirmed or rolled back",
        )
    _remove_strays(repl, now.spare, firmware)
    _want_room(repl, firmware)
    return sum(write_missing(repl, files, progress) for files in (layout.boot_code(), firmware))


def stage(repl: Repl, release: Release) -> None:
    """The release is on trial from the next start on; `upload` was done."""
    main = layout.main_program(release.board)
    if repl.read(layout.MAIN) != main:
        repl.replace(layout.MAIN, main)
    repl.make_folder(layout.DATA)
    number = max(release.number, slots(repl).newest)
    repl.run(f"{_boot_code()}\nSlots(disk, {layout.SLOTS!r}).switch({number})")


def confirm(repl: Repl, slot: str) -> None:
    """What is on trial in a slot stays. StopError where it has been left meanwhile."""
    repl.run(f"{_boot_code()}\n_s = Slots(disk, {layout.SLOTS!r})\n_s.choose()\n_s.confirm()")
    if slots(repl).confirmed != slot:
        raise StopError(
            "新版已退回 / the new version was left: it did not start twice", "xunhe buoy logs"
        )
    for name in _old_boot_code(repl):
        repl.remove(f"/{name}")


def _boot_code() -> str:
    """Makes the boot code's own `Slots` and `disk` known in a session."""
    folder = layout.boot_folder()
    path = f"import sys\n{folder!r} in sys.path or sys.path.insert(0, {folder!r})"
    return f"{path}\nfrom xunhe_boot import disk\nfrom xunhe_boot.slots import Slots"


def write_missing(
    repl: Repl, files: Mapping[str, bytes], progress: Callable[[int], None] = lambda size: None
) -> int:
    """Write those that are not there as they should be, then hold all against their hashes."""
    wanted = _digests(files)
    there = repl.digests(list(files))
    missing = [path for path in files if there.get(path) != wanted[path]]
    for path in files:
        if path in missing:
            repl.write(path, files[path], progress)
        else:
            progress(len(files[path]))
    written = repl.digests(missing)
    wrong = [path for path in missing if written.get(path) != wanted[path]]
    if wrong:
        raise CableError(
            f"写入后不符 / is not what was written: {wrong[0]}",
            "再运行；仍如此则换板 / run it again; if it stays so, the flash is worn",
        )
    return len(missing)


def _holds(repl: Repl, slot: str, files: Mapping[str, bytes]) -> bool:
    """A slot holds these files and no others."""
    return repl.tree(f"{layout.SLOTS}/{slot}") == _digests(files)


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


def _remove_strays(repl: Repl, slot: str, files: Mapping[str, bytes]) -> None:
    """What the release does not have must not be there to be imported."""
    for path in repl.tree(f"{layout.SLOTS}/{slot}"):
        if path not in files:
            repl.remove(path)


def _want_room(repl: Repl, files: Mapping[str, bytes]) -> None:
    there = repl.digests(list(files))
    needed = sum(len(content) + 4096 for path, content in files.items() if path not in there)
    free = repl.free_bytes()
    if free < needed + SPARE_BYTES:
        raise StopError(
            f"闪存不足：需 {needed // 1024} KiB，剩 {free // 1024} KiB"
            f" / flash is full: {needed // 1024} KiB needed, {free // 1024} KiB free",
            "删去板上多余的文件 / remove what is not needed: mpremote fs ls; mpremote fs rm :FILE",
        )


def _old_boot_code(repl: Repl) -> list[str]:
    names = repl.value("os.listdir('/')")
    if not isinstance(names, list):
        return []
    mine = layout.boot_folder()
    return [name for name in names if f"/{name}".startswith(layout.BOOT) and f"/{name}" != mine]
