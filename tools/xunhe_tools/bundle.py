"""Builds what a buoy takes over the air: one reproducible file and its signed manifest.

The same sources give the same bytes: files in the order of their names, no times, no owners. Read
by firmware/xunhe_buoy/update/bundle.py.
"""

import hashlib
import json
import struct
from dataclasses import asdict, dataclass
from pathlib import Path

from nacl.signing import SigningKey

from xunhe_buoy.update.statements import BUNDLE_MAGIC, key_statement, release_statement
from xunhe_tools.byte_code import BundleError, byte_code

__all__ = ["BundleError", "Manifest", "build", "pack", "publish", "sign", "sign_key"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """As it travels: digest and signature in hex."""

    release: int
    version: str
    board: str
    size: int
    sha256: str
    signature: str

    def to_json(self) -> str:
        return json.dumps(asdict(self))


def build(package: Path, board: str) -> bytes:
    """The bundle of folder `xunhe_buoy` for the board of that name under boards/."""
    if not (package / "boards" / board / "board.py").is_file():
        raise BundleError(f"{package} has no boards/{board}/board.py: is the board's name right?")
    return pack(list(byte_code(package, board).items()))


def pack(entries: list[tuple[str, bytes]]) -> bytes:
    """The bundle of (name, content) pairs; names at most 255 bytes."""
    bundle = bytearray(BUNDLE_MAGIC)
    for name, content in entries:
        path = name.encode()
        bundle += struct.pack(">B", len(path)) + path
        bundle += struct.pack(">I", len(content)) + hashlib.sha256(content).digest() + content
    return bytes(bundle) + b"\x00"


def sign(bundle: bytes, release: int, version: str, board: str, seed: bytes) -> Manifest:
    """The manifest of a bundle; `seed` is the 32 secret bytes of the release key."""
    digest = hashlib.sha256(bundle)
    words = release_statement(release, version, board, len(bundle), digest.digest())
    signature = SigningKey(seed).sign(words).signature.hex()
    return Manifest(release, version, board, len(bundle), digest.hexdigest(), signature)


def publish(folder: Path, manifest: Manifest, bundle: bytes) -> None:
    """Put a release where the gateway hands it out; a number is given once."""
    about = folder / f"{manifest.release}.json"
    if about.exists() and about.read_text("utf-8") != manifest.to_json():
        raise BundleError(f"release {manifest.release} is there already: take a greater number")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{manifest.release}.bundle").write_bytes(bundle)
    about.write_text(manifest.to_json(), "utf-8")


def sign_key(role: str, number: int, new_seed: bytes, root_seed: bytes) -> dict[str, object]:
    """The change of key `role` ("release" or "root") to the key of `new_seed`, signed by the root.

    `number` must be greater than that of every change before.
    """
    new = SigningKey(new_seed)
    words = key_statement(role, number, bytes(new.verify_key))
    return {
        "role": role,
        "number": number,
        "key": bytes(new.verify_key).hex(),
        "proof": new.sign(words).signature.hex(),
        "signature": SigningKey(root_seed).sign(words).signature.hex(),
    }


def public_key(seed: bytes) -> bytes:
    return bytes(SigningKey(seed).verify_key)
