"""The boot number: grows with every power-up, though either witness of it may be lost.

Log and file may be lost alone (a new flash image, a formatted file system): the greater counts.
"""

from xunhe_boot import disk, files

MAX_BOOT = (
    0xFFFF  # two bytes in a record; a buoy that wakes hourly by power-up gets there in 7 years
)


def next_boot(last_in_log, path):
    """The number of this boot, on the file system before it is used."""
    boot = min(MAX_BOOT, max(last_in_log, read(path)) + 1)
    write(path, boot)
    return boot


def read(path):
    """The last boot number in the file; 0 where there is none that makes sense."""
    try:
        with open(path) as file:
            boot = int(file.read(8))
    except (OSError, ValueError):
        return 0
    return boot if 0 <= boot <= MAX_BOOT else 0


def write(path, boot):
    """A cut leaves the old file or the new one."""
    files.replace(disk, path, b"%d\n" % boot)
