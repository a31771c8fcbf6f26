"""NOR flash in memory with its wear counted. Flash that tears: xunhe_tools.bench.firmware.nor."""

SECTOR_SIZE = 4096


class Nor:
    """The block protocol: a program clears bits, an erase sets them."""

    def __init__(self, sectors):
        self.sectors = sectors
        self.data = bytearray(b"\xff") * (sectors * SECTOR_SIZE)
        self.erases = [0] * sectors

    def readblocks(self, block, buf, offset=0):
        at = block * SECTOR_SIZE + offset
        buf[:] = self.data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        at = block * SECTOR_SIZE + offset
        for i in range(len(buf)):
            self.data[at + i] &= buf[i]

    def ioctl(self, op, arg):
        if op == 4:
            return self.sectors
        if op == 5:
            return SECTOR_SIZE
        if op == 6:
            at = arg * SECTOR_SIZE
            self.data[at : at + SECTOR_SIZE] = b"\xff" * SECTOR_SIZE
            self.erases[arg] += 1
        return 0
