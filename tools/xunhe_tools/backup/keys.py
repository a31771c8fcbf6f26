"""What a person or a timer gives to seal a backup with, or to open one."""

import sys
from pathlib import Path

import typer

from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.backup.locks import KEY_BYTES, Key, Lock, Passphrase, Recipient, Secret


def lock_of(recipient: str | None, passphrase_file: Path | None) -> Lock:
    """How a backup is sealed: as told, or to the settings' key, or by a passphrase asked for."""
    if passphrase_file is not None:
        return Passphrase(_line(passphrase_file))
    if recipient is not None:
        return Recipient(bytes.fromhex(recipient))
    if not sys.stdin.isatty():
        raise BackupError(
            "没有密钥：设置 backup.recipient（见 xunhe backup-key），或用 --passphrase-file，或明确"
            " --plain / no key: set backup.recipient (see xunhe backup-key), or give"
            " --passphrase-file, or say --plain"
        )
    words = "备份口令 / passphrase of the backup"
    return Passphrase(typer.prompt(words, hide_input=True, confirmation_prompt=True, err=True))


def key_of(secret_file: Path | None, passphrase_file: Path | None) -> Key | None:
    """What opens a backup; None: nothing was given, as a plain one needs."""
    if secret_file is not None:
        return Secret(_secret(secret_file))
    if passphrase_file is not None:
        return Passphrase(_line(passphrase_file))
    return None


def ask_passphrase() -> Key:
    """Asks the person at the terminal."""
    if not sys.stdin.isatty():
        raise BackupError(
            "备份已加密 / the backup is sealed: give --secret-file or --passphrase-file"
        )
    return Passphrase(typer.prompt("备份口令 / passphrase", hide_input=True, err=True))


def _secret(path: Path) -> bytes:
    try:
        found = bytes.fromhex(_line(path))
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise BackupError(f"{path} 不是私钥文件 / is no file of `xunhe backup-key`")
    return found


def _line(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{path}: {error}") from error
