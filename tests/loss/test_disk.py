"""The disk that forgets: what a sync promises, and what it does not."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from xunhe_tools.crash_states.disk import SECTOR, Disk
from xunhe_tools.crash_states.record import Kind, Step

STORE = "/folder/store"


def opened(file: int = 1, path: str = STORE) -> Step:
    return Step(Kind.OPENED, file, 0, path.encode())


def written(data: bytes, offset: int = 0, file: int = 1) -> Step:
    return Step(Kind.WRITTEN, file, offset, data)


SYNCED = Step(Kind.SYNCED, 1, 0, b"")
FOLDER_SYNCED = Step(Kind.FOLDER_SYNCED, 0, 0, b"/folder")


def after(steps: list[Step], before: dict[str, bytes], seeds: int = 60) -> set[bytes | None]:
    """Every content of the store that is found with some seeds; None: no such file."""
    disk = Disk(before)
    for step in steps:
        disk.take(step)
    return {dict(disk.after_crash(Random(seed))).get(STORE) for seed in range(seeds)}


def test_what_was_synced_is_always_there() -> None:
    assert after([opened(), written(b"new"), SYNCED], {STORE: b"old"}) == {b"new"}


def test_what_was_not_synced_may_be_there_or_not() -> None:
    assert after([opened(), written(b"new")], {STORE: b"old"}) == {b"new", b"old"}


def test_a_later_write_may_survive_an_earlier_one() -> None:
    found = after([opened(), written(b"A"), written(b"B", 1)], {STORE: b".."})
    assert found == {b"..", b"A.", b".B", b"AB"}


def test_a_write_is_torn_at_sectors() -> None:
    found = after([opened(), written(b"x" * 2 * SECTOR)], {STORE: bytes(2 * SECTOR)}, 200)
    assert bytes(SECTOR) + b"x" * SECTOR in found
    assert all(len(set(one[:SECTOR])) == 1 for one in found if one)


def test_a_new_file_is_there_for_certain_only_when_its_folder_was_synced() -> None:
    new = [opened(), written(b"new"), SYNCED]
    assert after(new, {}) == {b"new", None}
    assert after([*new, FOLDER_SYNCED], {}) == {b"new"}


def test_an_unlinked_file_may_come_back_until_its_folder_is_synced() -> None:
    gone = [opened(), Step(Kind.UNLINKED, 0, 0, STORE.encode())]
    assert after(gone, {STORE: b"old"}) == {b"old", None}
    assert after([*gone, FOLDER_SYNCED], {STORE: b"old"}) == {None}


def test_a_truncation_waits_for_its_sync_too() -> None:
    cut = Step(Kind.TRUNCATED, 1, 1, b"")
    assert after([opened(), cut], {STORE: b"old"}) == {b"o", b"old"}


@given(st.lists(st.tuples(st.integers(0, 600), st.binary(max_size=40)), max_size=6))
def test_a_synced_file_is_what_the_writes_say(writes: list[tuple[int, bytes]]) -> None:
    content = bytearray()
    steps = [opened()]
    for offset, data in writes:
        steps.append(written(data, offset))
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data
    assert after([*steps, SYNCED], {STORE: b""}, 3) == {bytes(content)}
