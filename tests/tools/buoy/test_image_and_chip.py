"""Images, partition tables and what esptool says: refused in time, read right, ended in time."""

import hashlib
import struct
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from xunhe_tools.buoy import chip, images, partitions
from xunhe_tools.buoy.errors import CableError, SilentError, StopError
from xunhe_tools.buoy.lines import Lines
from xunhe_tools.virtual_board.image import FLASH_8MB, make_image

MIB = 1 << 20


# -- the partition table


def rows(table: bytes) -> list[tuple[str, int, int, int, int]]:
    """As the boot loader reads it: until the MD5, which has to fit."""
    found = []
    for at in range(0, len(table), 32):
        entry = table[at : at + 32]
        if entry[:2] == b"\xeb\xeb":
            assert entry[2:16] == b"\xff" * 14
            assert entry[16:] == hashlib.md5(table[:at]).digest()
            assert set(table[at + 32 :]) == {0xFF}
            return found
        magic, kind, subtype, offset, size, name, _ = struct.unpack("<2sBBII16sI", entry)
        assert magic == b"\xaa\x50"
        found.append((name.rstrip(b"\0").decode(), kind, subtype, offset, size))
    raise AssertionError("no MD5")


@pytest.mark.parametrize("mib", [4, 8, 16])
def test_the_table_holds_what_micropython_and_the_buoy_look_for(mib: int) -> None:
    table = partitions.table(partitions.layout(mib * MIB))
    assert len(table) == 0xC00
    found = {name: (kind, offset, size) for name, kind, _, offset, size in rows(table)}
    assert list(found) == ["nvs", "phy_init", "factory", "vfs", "ringlog"]
    assert found["factory"][:2] == (0, 0x10000)
    assert found["vfs"][0] == found["ringlog"][0] == 1


@pytest.mark.parametrize("mib", [4, 8, 16])
def test_partitions_follow_each_other_within_the_flash(mib: int) -> None:
    found = partitions.layout(mib * MIB)
    for before, after in pairwise(found):
        assert before.offset + before.size <= after.offset
        assert after.offset % 0x1000 == 0
    assert found[-1].offset + found[-1].size <= mib * MIB


def test_the_ring_log_is_as_large_as_the_firmwares_manual_says() -> None:
    assert partitions.layout(8 * MIB)[-1].size == 2 * MIB


def test_a_flash_that_is_too_small_has_no_table() -> None:
    with pytest.raises(ValueError, match="at least 4 MiB"):
        partitions.layout(4 * MIB - 1)


def test_only_the_table_of_an_image_is_replaced() -> None:
    image = make_image()
    changed = partitions.with_table(image, 4 * MIB)
    assert len(changed) == len(image)
    assert changed[:0x8000] == image[:0x8000]
    assert changed[0x8C00:] == image[0x8C00:]
    assert rows(changed[0x8000:0x8C00])


@pytest.mark.parametrize("size", [0, 0x10000, 0x200001])
def test_what_is_no_whole_image_takes_no_table(size: int) -> None:
    with pytest.raises(ValueError, match="give the whole one"):
        partitions.with_table(bytes(size), 4 * MIB)


# -- images


def write(folder: Path, data: bytes) -> Path:
    (folder / "mp.bin").write_bytes(data)
    return folder / "mp.bin"


def test_an_image_is_known_once_it_was_added(tmp_path: Path, technicians_home: Path) -> None:
    file = write(tmp_path, make_image(FLASH_8MB))
    assert images.known() == []
    with pytest.raises(StopError, match="not a known image"):
        images.trusted(file)
    added = images.add(file)
    assert images.add(file) == added
    assert images.known() == [images.trusted(file)]
    assert (added.program, added.flash_bytes) == ("micropython 1.29.0", 8 * MIB)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (make_image(chip=5), "is an image for ESP32-C3"),
        (make_image().replace(b"micropython", b"other\0\0\0\0\0\0"), "no whole ESP image"),
        (make_image()[:-40], "holds no MicroPython"),
        (make_image() + bytes(0x200000), "give the whole one"),
        (make_image(flash=0x10), "at least 4 MiB"),
        (make_image()[:0x10000], "no whole ESP image"),
        (b"\x7fELF" + bytes(70000), "no whole ESP image"),
        (b"", "no whole ESP image"),
    ],
)
def test_what_is_no_image_of_micropython_for_this_chip_is_never_added(
    tmp_path: Path, technicians_home: Path, image: bytes, reason: str
) -> None:
    with pytest.raises(StopError, match=reason):
        images.add(write(tmp_path, image))
    assert images.known() == []


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StopError, match="No such file"):
        images.examine(tmp_path / "none.bin")


# -- esptool


def test_esptool_is_there_in_its_version() -> None:
    assert str(chip.version()).startswith("5.")


def test_a_port_without_reset_lines_is_seen() -> None:
    assert not chip.has_reset_lines("/dev/null")
    assert not chip.has_reset_lines("/dev/no-such")


def test_no_chip_on_a_port_is_told_by_esptools_own_words() -> None:
    with pytest.raises(CableError, match="esptool: "):
        chip.identify("/dev/no-such")


def lines(code: str, silence_s: float = 10) -> list[str]:
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        return list(Lines(process, silence_s))


def test_lines_end_with_either_mark_and_the_last_needs_none() -> None:
    assert lines(r"print('a\rb\n\nc', end='')") == ["a", "b", "c"]


def test_a_process_that_falls_silent_is_ended() -> None:
    with pytest.raises(SilentError, match="nothing happened"):
        lines("import time; print('x', flush=True); time.sleep(60)", 0.3)
