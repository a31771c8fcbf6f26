"""The signed statement about a release: what it is, for which board, how long, with which digest.

release     1 … 2³²-1, grows with every release ever made for a board: the not-before counter.
            A device takes none at or below the greatest it has confirmed
version     "major.minor.patch", for people; never below the running one
board       name of the folder under boards/
size        bytes of the bundle
sha256      of the bundle, hex
signature   Ed25519 of `statement`, hex
"""

from xunhe_buoy.checks import ConfigError, hex_bytes, know_all, text, whole
from xunhe_buoy.update import refusal
from xunhe_buoy.update.refusal import RefusedError
from xunhe_buoy.update.statements import release_statement

MAX_SIZE = 1 << 20
_KEYS = ("release", "version", "board", "size", "sha256", "signature")
_MAX_U32 = 0xFFFFFFFF


class Manifest:
    """A manifest of the right form, ConfigError where it has not; believe nothing in it before
    `check` and its signature."""

    def __init__(self, content):
        know_all(content, _KEYS, "manifest.")
        self.release = whole(content, "release", 1, _MAX_U32)
        self.version = text(content, "version")
        self.board = text(content, "board")
        self.size = whole(content, "size", 1, MAX_SIZE)
        self.sha256 = hex_bytes(content, "sha256", 32)
        self.signature = hex_bytes(content, "signature", 64)
        version_of(self.version)

    @property
    def statement(self):
        return release_statement(self.release, self.version, self.board, self.size, self.sha256)

    def check(self, board, version, newest):
        """RefusedError unless a step forward for this board; cheap, so before the signature."""
        if self.board != board:
            raise RefusedError(refusal.R_BOARD, "for board %s, this is %s" % (self.board, board))
        if self.release == newest:
            raise RefusedError(refusal.R_REPLAY, "release %d runs already" % newest)
        if self.release < newest:
            why = "release %d is before %d" % (self.release, newest)
            raise RefusedError(refusal.R_DOWNGRADE, why)
        if version_of(self.version) < version_of(version):
            why = "%s is before %s" % (self.version, version)
            raise RefusedError(refusal.R_DOWNGRADE, why)


def version_of(version):
    """ "1.12.0" as (1, 12, 0)."""
    parts = version.split(".")
    if len(parts) != 3 or not all(_is_number(part) for part in parts):
        raise ConfigError("version %r is not major.minor.patch" % version)
    return tuple(int(part) for part in parts)


def _is_number(part):
    return 0 < len(part) <= 5 and all(c in "0123456789" for c in part)
