"""What the image of a virtual board does before main.py: mounts littlefs, as _boot.py of the ESP32
port does. Runs under MicroPython's unix port.

XUNHE_CHIP     folder of this file, mounted as /rom: modules that the image of a board has
XUNHE_FLASH    file of the file system's flash
XUNHE_SECTORS  its size
XUNHE_RAW      "1": the REPL is raw, main.py does not run (as after a soft reset in mpremote)

The machine's own files are under /host: there lie the terminals of buses and modems.
"""

import os
import sys
import vfs

_SECTOR = 4096
_COUNT, _SIZE = 4, 5  # ioctl numbers of the block protocol


class _Flash:
    """The part of the flash that holds the file system. The file is made if missing."""

    def __init__(self, path, sectors):
        self._sectors = sectors
        try:
            self._file = open(path, "r+b", 0)
        except OSError:
            with open(path, "wb") as file:
                for _ in range(sectors):
                    file.write(b"\xff" * _SECTOR)
            self._file = open(path, "r+b", 0)

    def readblocks(self, block, buf, offset=0):
        self._file.seek(block * _SECTOR + offset)
        self._file.readinto(buf)

    def writeblocks(self, block, buf, offset=0):
        self._file.seek(block * _SECTOR + offset)
        self._file.write(buf)

    def ioctl(self, op, arg):
        if op == _COUNT:
            return self._sectors
        return _SECTOR if op == _SIZE else 0


def _file_system(flash):
    try:
        return vfs.VfsLfs2(flash)
    except OSError:  # a new one
        vfs.VfsLfs2.mkfs(flash)
        return vfs.VfsLfs2(flash)


def _mount():
    found = _file_system(_Flash(os.getenv("XUNHE_FLASH"), int(os.getenv("XUNHE_SECTORS"))))
    # With a root its rename confuses the two names.
    machine, rom = vfs.VfsPosix(), vfs.VfsPosix(os.getenv("XUNHE_CHIP"))
    vfs.umount("/")
    for what, where in ((found, "/"), (machine, "/host"), (rom, "/rom")):
        vfs.mount(what, where)
    sys.path[:] = ["", ".frozen", "/rom", "/lib"]


def _run_main():
    """As the ESP32 port: whatever main.py does, the REPL comes after it; but an exit is an exit."""
    try:
        os.stat("/main.py")
    except OSError:
        return
    try:
        with open("/main.py") as file:
            exec(compile(file.read(), "/main.py", "exec"), {"__name__": "__main__"})  # noqa: S102
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001
        sys.print_exception(error)


_mount()
print("virtual ESP32-S3")
if os.getenv("XUNHE_RAW") != "1":
    _run_main()
os.putenv("MICROPYINSPECT", "1")  # the REPL comes next
