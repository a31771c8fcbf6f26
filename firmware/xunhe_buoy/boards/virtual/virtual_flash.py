"""NOR flash of the virtual board: esp32.Partition's block protocol on a file."""

import errno
import os


SECTOR_SIZE = 4096
_PIECE = 256
_COUNT, _SIZE, _ERASE = 4, 5, 6  # ioctl numbers of the block protocol


class Partition:
    """A program clears bits, an erase sets them. The file is made if missing."""

    def __init__(self, path, sectors):
        self._sectors = sectors
        try:
            self._file = open(path, "r+b", 0)
        except OSError:
            self._make(path)
            self._file = open(path, "r+b", 0)

    def _make(self, path):
        with open(path + ".new", "wb") as file:
            for _ in range(
                self._sectors * SECTOR_SIZE // _PIECE
            ):  # no whole sector on a small heap
                file.write(b"\xff" * _PIECE)
        os.rename(path + ".new", path)

    def readblocks(self, block, buf, offset=0):
        self._seek(block, offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=None):
        if offset is None:
            self.ioctl(_ERASE, block)
            offset = 0
        old = bytearray(len(buf))
        self.readblocks(block, old, offset)
        self._write(block, offset, bytes(old[i] & buf[i] for i in range(len(buf))))

    def ioctl(self, op, arg):
        if op == _COUNT:
            return self._sectors
        if op == _SIZE:
            return SECTOR_SIZE
        if op == _ERASE:
            for offset in range(0, SECTOR_SIZE, _PIECE):
                self._write(arg, offset, b"\xff" * _PIECE)
        return 0

    def _write(self, block, offset, data):
        self._seek(block, offset)
        self._file.write(data)  # unbuffered: a killed process loses nothing

    def _seek(self, block, offset):
        if not 0 <= block < self._sectors:
            raise OSError(errno.EINVAL)
        self._file.seek(block * SECTOR_SIZE + offset)
