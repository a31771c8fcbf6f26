"""What builder and buoy must agree on to the byte. Pure, for CPython and MicroPython.

The bytes that are signed begin with what they are about, so that no statement passes for another.
"""

BUNDLE_MAGIC = b"XHB1"


def release_statement(release: int, version: str, board: str, size: int, sha256: bytes) -> bytes:
    """What the release key signs about a bundle of `size` bytes."""
    fields = (release, version, board, size, sha256.hex())
    return ("xunhe release\n%d\n%s\n%s\n%d\n%s\n" % fields).encode()


def key_statement(role: str, number: int, key: bytes) -> bytes:
    """What the root key and the new key sign about change `number`; role "root" or "release"."""
    return ("xunhe key\n%s\n%d\n%s\n" % (role, number, key.hex())).encode()
