"""A disk that forgets: what was synced stays, of the rest any part may be there after a crash.

A write is torn at sectors of 512 bytes. A file that was made, and one that was unlinked, is so
after a crash for certain only when its folder was synced; SQLite counts on nothing more.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from xunhe_tools.crash_states.record import Kind, Step

SECTOR = 512
_NONE, _ALL = 0.25, 0.25  # chances that nothing, or everything, of the rest has reached the disk


@dataclass(slots=True)
class File:
    """What is durable of a file, and what was asked for since, in order."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Step] = field(default_factory=list)
    is_named: bool = False  # its name is durable

    def sync(self) -> None:
        """All that was asked for is durable."""
        for step in self.pending:
            _do(self.durable, step)
        self.pending.clear()

    def after_crash(self, rng: Random) -> bytes:
        """One of the contents that may be found."""
        found = bytearray(self.durable)
        chance = rng.random()
        if chance >= _NONE:
            is_all = chance < _NONE + _ALL
            for step in self.pending:
                if is_all or rng.random() < 0.5:
                    _do(found, step)
                elif rng.random() < 0.5:
                    _tear(found, step, rng)
        return bytes(found)


class Disk:
    """The files of one recorded process, by path."""

    def __init__(self, before: Mapping[str, bytes]) -> None:
        """`before`: what was durable when the record began, by path."""
        self.files = {path: File(bytearray(data), [], True) for path, data in before.items()}
        self._paths: dict[int, str] = {}
        self._unlinked: dict[str, File] = {}  # the folder was not synced since

    def take(self, step: Step) -> None:
        """The next call of the record."""
        if step.kind is Kind.OPENED:
            self._paths[step.file] = step.data.decode()
            self.files.setdefault(self._paths[step.file], File())
        elif step.kind is Kind.UNLINKED:
            self._unlink(step.data.decode())
        elif step.kind is Kind.FOLDER_SYNCED:
            self._sync_folder(step.data.decode())
        elif step.kind is not Kind.SENT:
            self._change(self.files.setdefault(self._paths[step.file], File()), step)

    def after_crash(self, rng: Random) -> Iterator[tuple[str, bytes]]:
        """One of the states that may be found: path and content of every file."""
        for path, file in self.files.items():
            if file.is_named or rng.random() < 0.5:
                yield path, file.after_crash(rng)
        for path, file in self._unlinked.items():
            if path not in self.files and rng.random() < 0.5:
                yield path, file.after_crash(rng)

    def _change(self, file: File, step: Step) -> None:
        if step.kind is Kind.SYNCED:
            file.sync()
        else:
            file.pending.append(step)

    def _unlink(self, path: str) -> None:
        file = self.files.pop(path, None)
        if file is not None and file.is_named:
            self._unlinked[path] = file

    def _sync_folder(self, folder: str) -> None:
        for path, file in self.files.items():
            if Path(path).parent == Path(folder):
                file.is_named = True
        self._unlinked.clear()


def _do(content: bytearray, step: Step) -> None:
    if step.kind is Kind.TRUNCATED:
        del content[step.offset :]
        content.extend(bytes(step.offset - len(content)))
        return
    if len(content) < step.offset:
        content.extend(bytes(step.offset - len(content)))
    content[step.offset : step.offset + len(step.data)] = step.data


def _tear(content: bytearray, step: Step, rng: Random) -> None:
    """Some sectors of a write are there and others are not."""
    if step.kind is Kind.TRUNCATED:
        return
    begin = step.offset
    while begin < step.offset + len(step.data):
        end = min((begin // SECTOR + 1) * SECTOR, step.offset + len(step.data))
        if rng.random() < 0.5:
            part = step.data[begin - step.offset : end - step.offset]
            _do(content, Step(Kind.WRITTEN, step.file, begin, part))
        begin = end
