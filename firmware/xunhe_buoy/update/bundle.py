"""A release as one file, read piece by piece: no more than one piece of it is ever in RAM.

    "XHB1"
    an entry a file:  path length 1, path, size 4 (big-endian), SHA-256 32, the bytes
    0                 a path length of 0 ends it

The manifest's digest is over all of it. tools/xunhe_tools/bundle.py writes it.
"""

import hashlib
import struct

from xunhe_boot import files
from xunhe_buoy.update import refusal
from xunhe_buoy.update.refusal import RefusedError
from xunhe_buoy.update.statements import BUNDLE_MAGIC

FOLDER = b"xunhe_buoy/"  # everything in a bundle lies under it
_HEAD = ">I32s"
_HEAD_SIZE = 36
_PIECE = 512


def digest_of(disk, path):
    """SHA-256 of a whole file."""
    file = disk.open_file(path, "rb")
    try:
        digest = hashlib.sha256()
        piece = file.read(_PIECE)
        while piece:
            digest.update(piece)
            piece = file.read(_PIECE)
        return digest.digest()
    finally:
        file.close()


class Unpacker:
    """Writes the files of bundle `path` under `folder`; one file a step."""

    def __init__(self, disk, path, folder):
        self._disk = disk
        self._path = path
        self._folder = folder
        self._at = len(BUNDLE_MAGIC)

    def begin(self):
        """Empty the folder; RefusedError where the file is no bundle."""
        source = self._disk.open_file(self._path, "rb")
        try:
            if source.read(len(BUNDLE_MAGIC)) != BUNDLE_MAGIC:
                raise RefusedError(refusal.R_MALFORMED, "no bundle")
        finally:
            source.close()
        files.remove_tree(self._disk, self._folder)
        files.make_folder(self._disk, self._folder)

    def step(self):
        """Write the next file and read it back; False when there was none left."""
        source = self._disk.open_file(self._path, "rb")
        try:
            source.seek(self._at)
            length = _exactly(source, 1)[0]
            if length == 0:
                self._disk.sync()
                return False
            path = _checked_path(_exactly(source, length))
            size, digest = struct.unpack(_HEAD, _exactly(source, _HEAD_SIZE))
            self._write(source, path, size, digest)
            self._at += 1 + length + _HEAD_SIZE + size
        finally:
            source.close()
        return True

    def _write(self, source, path, size, digest):
        path = self._folder + "/" + path
        files.make_folder(self._disk, path.rpartition("/")[0])
        file = self._disk.open_file(path, "wb")
        try:
            while size:
                piece = _exactly(source, min(_PIECE, size))
                file.write(piece)
                size -= len(piece)
            file.flush()
        finally:
            file.close()
        if digest_of(self._disk, path) != digest:
            raise RefusedError(refusal.R_FLASH, "%s is not what was written" % path)


def _exactly(file, size):
    data = file.read(size)
    if len(data) != size:
        raise RefusedError(refusal.R_TRUNCATED, "the bundle ends early")
    return data


def _checked_path(data):
    """A path inside FOLDER: signed or not, nothing else is written to."""
    if not data.startswith(FOLDER) or b".." in data or b"//" in data or not _is_plain(data):
        raise RefusedError(refusal.R_MALFORMED, "path %r" % data)
    return data.decode()


def _is_plain(data):
    return all(0x20 < byte < 0x7F and byte != 0x5C for byte in data)
