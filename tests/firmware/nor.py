"""NOR flash in memory that tears: the write in which the power goes is done in part only.

Runs under CPython and MicroPython. Programs and erases count alike as one operation each.
"""

SECTOR_SIZE = 4096


class PowerCut(Exception):  # noqa: N818 (an event, not an error of the code under test)
    """The power went during this operation."""


class Nor:
    """`cut_at`: the operation (from 1) in which the power goes; `random` says how far it got."""

    def __init__(self, sectors, cut_at=0, random=None):
        self.sectors = sectors
        self.data = bytearray(b"\xff") * (sectors * SECTOR_SIZE)
        self.cut_at = cut_at
        self.random = random
        self.operations = 0
        self.erases = [0] * sectors

    def readblocks(self, block, buf, offset=0):
        at = block * SECTOR_SIZE + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        at = block * SECTOR_SIZE + offset
        whole = self._reach(len(buf))
        for i in range(whole):
            self.data[at + i] &= buf[i]
        if whole < len(buf):
            self.data[at + whole] &= buf[whole] | self._byte()  # a byte with some bits programmed
            raise PowerCut
        self._cut_after()

    def ioctl(self, op, arg):
        if op == 4:
            return self.sectors
        if op == 5:
            return SECTOR_SIZE
        if op == 6:
            self._erase(arg * SECTOR_SIZE)
            self.erases[arg] += 1
        return 0

    def _erase(self, at):
        whole = self._reach(SECTOR_SIZE)
        if whole == SECTOR_SIZE:
            self.data[at : at + SECTOR_SIZE] = b"\xff" * SECTOR_SIZE
            self._cut_after()
            return
        for _ in range(whole):  # an erase cut short leaves bytes anywhere in any state
            self.data[at + self._byte() * 16 + self._byte() % 16] |= self._byte()
        raise PowerCut

    def _reach(self, size):
        """How many bytes of this operation are done: all, unless the power goes in it."""
        self.operations += 1
        if self.operations != self.cut_at:
            return size
        return int(self.random.random() * (size + 1))

    def _cut_after(self):
        if self.operations == self.cut_at:
            raise PowerCut

    def _byte(self):
        return int(self.random.random() * 256)
