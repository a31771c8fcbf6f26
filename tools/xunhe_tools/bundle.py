"""Builds and reads what a buoy takes: one reproducible file and its signed manifest.

The same sources give the same bytes: files in the order of their names, no times, no owners. Read
by firmware/xunhe_buoy/update/bundle.py.
"""

import hashlib
import json
import struct
from dataclasses import asdict, dataclass
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from xunhe_buoy.update.statements import BUNDLE_MAGIC, key_statement, release_statement
from xunhe_tools.byte_code import BundleError, byte_code

__all__ = [
    "BundleError",
    "Manifest",
    "build",
    "check",
    "load",
    "pack",
    "publish",
    "sign",
    "sign_key",
    "unpack",
]


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


def load(folder: Path, release: int | None = None) -> tuple[Manifest, bytes]:
    """A release that `publish` put into a folder, the newest where none is named.

    Nothing in it is believed yet: `check` it. BundleError where there is none.
    """
    numbers = sorted(int(path.stem) for path in folder.glob("*.json") if path.stem.isdigit())
    if not numbers or (release is not None and release not in numbers):
        raise BundleError(f"{folder} holds no release {release or ''}: xunhe buoy bundle")
    number = numbers[-1] if release is None else release
    try:
        manifest = Manifest(**json.loads((folder / f"{number}.json").read_text("utf-8")))
        return manifest, (folder / f"{number}.bundle").read_bytes()
    except (OSError, ValueError, TypeError) as error:
        raise BundleError(f"release {number} in {folder} cannot be read: {error}") from None


def check(manifest: Manifest, bundle: bytes, key: bytes) -> None:
    """BundleError unless the bundle is the one that the owner of the release key signed."""
    digest = hashlib.sha256(bundle)
    if (len(bundle), digest.hexdigest()) != (manifest.size, manifest.sha256):
        raise BundleError(f"release {manifest.release} is not what was signed: copy it again")
    words = release_statement(
        manifest.release, manifest.version, manifest.board, len(bundle), digest.digest()
    )
    try:
        VerifyKey(key).verify(words, bytes.fromhex(manifest.signature))
    except (BadSignatureError, ValueError):
        raise BundleError(
            f"release {manifest.release} is not signed with the release key {key.hex()[:8]}…"
        ) from None


def unpack(bundle: bytes) -> dict[str, bytes]:
    """{name: content}, each held against its digest; BundleError where it is no whole bundle."""
    if not bundle.startswith(BUNDLE_MAGIC):
        raise BundleError("no bundle")
    found, at = {}, len(BUNDLE_MAGIC)
    try:
        while length := bundle[at]:
            name = bundle[at + 1 : at + 1 + length].decode()
            at += 1 + length
            size, digest = struct.unpack_from(">I32s", bundle, at)
            content = bundle[at + 36 : at + 36 + size]
            at += 36 + size
            if hashlib.sha256(content).digest() != digest:
                raise BundleError(f"{name} in the bundle is damaged")
            found[name] = content
    except (IndexError, struct.error, UnicodeDecodeError):
        raise BundleError("the bundle ends too early") from None
    return found


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
