"""A file of any length, encrypted as it is written, that cannot be cut or changed unnoticed.

    XHBACKUP | length of the head, 4 bytes | head, JSON | 24 bytes of libsodium | chunks

Each chunk is 64 KiB of data and 17 bytes of proof (secretstream, XChaCha20-Poly1305), bound to the
head and to the chunks before it; the last one says that it is the last.
"""

import io
import json
from typing import Any, BinaryIO

from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from xunhe.adapters.backup.errors import DamagedBackupError
from xunhe.adapters.backup.locks import Key, KeyAtHand, Lock

MAGIC = b"XHBACKUP"
CHUNK = 64 * 1024
_MOST_HEAD = 4096
_PROOF = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_START = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_LAST = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MORE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE


class SealingFile:
    """Writes into `file`, which stays open. Without `close` the stream is not whole."""

    def __init__(self, file: BinaryIO, lock: Lock) -> None:
        self._file, self._waiting = file, bytearray()
        key = sodium.crypto_secretstream_xchacha20poly1305_keygen()
        self.key = KeyAtHand(key)
        self._head = json.dumps({"version": 1, **lock.lock(key)}).encode()
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        start = sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        file.write(MAGIC + len(self._head).to_bytes(4, "big") + self._head + start)

    def write(self, data: Any) -> int:
        """Take bytes; whole chunks go out, the rest waits."""
        view = memoryview(data).cast("B")
        self._waiting += view
        while len(self._waiting) > CHUNK:  # what may be the last chunk waits for `close`
            self._push(bytes(self._waiting[:CHUNK]), _MORE)
            del self._waiting[:CHUNK]
        return len(view)

    def flush(self) -> None:
        """What waits is no whole chunk: it stays until there is one, or the end."""

    def close(self) -> None:
        """Send what waits as the last chunk."""
        self._push(bytes(self._waiting), _LAST)

    def _push(self, data: bytes, tag: int) -> None:
        self._file.write(
            sodium.crypto_secretstream_xchacha20poly1305_push(self._state, data, self._head, tag)
        )


class OpenedFile(io.RawIOBase):
    """Reads what SealingFile wrote; DamagedBackupError at the first chunk that is not genuine."""

    def __init__(self, file: BinaryIO, key: Key) -> None:
        self._file, self._ready, self._is_over = file, b"", False
        self._head = _head_of(file)
        start = _exactly(file, _START)
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        unlocked = _unlocked(key, _parsed(self._head))
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, start, unlocked)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as one chunk goes; 0 after the last one."""
        if not self._ready and not self._is_over:
            self._pull()
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _pull(self) -> None:
        sealed = self._file.read(CHUNK + _PROOF)
        if len(sealed) < _PROOF:
            raise DamagedBackupError("备份文件不完整 / the backup ends before its end: use another")
        try:
            self._ready, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(
                self._state, sealed, self._head
            )
        except (CryptoError, RuntimeError) as error:
            raise DamagedBackupError(
                "备份文件已损坏 / the backup is damaged: use another"
            ) from error
        self._is_over = tag == _LAST
        if self._is_over and self._file.read(1):
            raise DamagedBackupError(
                "备份文件尾部多出数据 / there is something behind the backup's end"
            )


def is_sealed(file: BinaryIO) -> bool:
    """Does a sealed stream begin here? The position stays."""
    position = file.tell()
    found = file.read(len(MAGIC)) == MAGIC
    file.seek(position)
    return found


def _head_of(file: BinaryIO) -> bytes:
    if _exactly(file, len(MAGIC)) != MAGIC:
        raise DamagedBackupError("不是巡河的备份 / this is no backup of xunhe")
    size = int.from_bytes(_exactly(file, 4), "big")
    if size > _MOST_HEAD:
        raise DamagedBackupError("备份文件头已损坏 / the backup's head is damaged: use another")
    return _exactly(file, size)


def _parsed(head: bytes) -> dict[str, Any]:
    try:
        found = json.loads(head)
    except ValueError as error:
        raise DamagedBackupError("备份文件头已损坏 / the backup's head is damaged") from error
    if not isinstance(found, dict) or found.get("version") != 1:
        raise DamagedBackupError("备份来自更新的版本 / a newer xunhe made this backup: update")
    return found


def _unlocked(key: Key, head: dict[str, Any]) -> bytes:
    try:
        return key.unlock(head)
    except (KeyError, TypeError, ValueError) as error:  # of a head that is no longer what it was
        raise DamagedBackupError("备份文件头已损坏 / the backup's head is damaged") from error


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise DamagedBackupError("备份文件不完整 / the backup ends before its end: use another")
    return data
