"""The two keys of a fleet: the release key signs firmware, the root key only changes of keys.

    release.key, root.key   32 secret bytes in hex, for their owner's eyes only
    release.pub, root.pub   the public halves, for every technician

Public halves in the technician's home are found without being named.
"""

import os
import secrets
from pathlib import Path

from xunhe_tools import bundle
from xunhe_tools.buoy.errors import StopError
from xunhe_tools.buoy.home import home

RELEASE, ROOT = "release", "root"


def make(folder: Path) -> list[Path]:
    """A new pair of keys in a folder; StopError where there are some already."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (RELEASE, ROOT):
        if (folder / f"{name}.key").exists():
            raise StopError(
                f"{folder / name}.key 已存在 / exists already",
                "更换密钥见 docs/updates.md / docs/updates.md says how keys are changed",
            )
    made = []
    for name in (RELEASE, ROOT):
        seed = secrets.token_bytes(32)
        made += [folder / f"{name}.key", folder / f"{name}.pub"]
        _write_secret(made[-2], seed.hex())
        made[-1].write_text(bundle.public_key(seed).hex() + "\n", "utf-8")
    return made


def seed(file: Path) -> bytes:
    """The 32 secret bytes of a key file."""
    return _hex_of(file, "xunhe buoy keys FOLDER")


def release_key(file: Path | None) -> bytes:
    """The public release key, from a file or the technician's home."""
    return public_key(RELEASE, file)


def public_key(name: str, file: Path | None = None) -> bytes:
    """A public key, from a file or the technician's home."""
    where = file or home() / f"{name}.pub"
    return _hex_of(where, f"取得 / get {name}.pub: --key FILE, or cp {name}.pub {home()}/")


def _hex_of(file: Path, next_step: str) -> bytes:
    try:
        key = bytes.fromhex(file.read_text("utf-8").strip())
    except (OSError, ValueError) as error:
        raise StopError(f"{file}: 读不出密钥 / no key can be read ({error})", next_step) from None
    if len(key) != 32:
        raise StopError(f"{file}: {len(key)} 字节 / bytes, 32 needed", next_step)
    return key


def _write_secret(file: Path, text: str) -> None:
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as out:
        out.write(text + "\n")
