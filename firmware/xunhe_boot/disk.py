"""The board's file system as the boot code and updates use it; tests put one that loses power here.

What is promised across a power cut, on littlefs as on POSIX: a file's bytes after `flush`; a new,
renamed or removed name after `sync`. A rename is never half done.
"""

import os

if hasattr(os, "fsync"):  # CPython
    from xunhe_boot.synced import open_file, sync
else:
    open_file = open  # modes "rb", "wb" and "r+b"

    def sync():
        """Names to the medium, where the system does not do so by itself as littlefs does."""
        if hasattr(os, "sync"):
            os.sync()


__all__ = ["open_file", "sync"]

_FOLDER = 0x4000  # of the mode in os.stat


def size(path):
    """Bytes of a file; None where there is none, or a folder."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return None if found[0] & _FOLDER else found[6]


def is_folder(path):
    try:
        return bool(os.stat(path)[0] & _FOLDER)
    except OSError:
        return False


def free_bytes(path):
    found = os.statvfs(path)
    return found[0] * found[3]


rename = os.rename
remove = os.remove
mkdir = os.mkdir
rmdir = os.rmdir
listdir = os.listdir
