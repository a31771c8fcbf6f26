"""Releases of the buoys' firmware: signed bundles, handed out piece by piece on request.

    <release>.json     the manifest, as `bundle.publish` of the tools writes it
    <release>.bundle   the file it is about

The numbers are unique over all boards. What does not fit its manifest is never handed out; whether
the signature is right is for the buoy to say, which alone knows the key.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe_buoy.message import MAX_DATA

_MAX_U32 = 0xFFFFFFFF
_LARGEST = 1 << 20  # as the buoy takes it
_FIELDS = {"release", "version", "board", "size", "sha256", "signature"}


class ReleaseError(ValueError):
    """A release that cannot be handed out; the message says why."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a bundle: at most MAX_DATA bytes from `offset` on."""

    release: int
    offset: int
    data: bytes


class Releases:
    """The releases in a folder. One thread uses it; a bundle is checked once and then kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bundles: dict[int, tuple[bytes, bytes]] = {}  # release → manifest's bytes, bundle

    def manifest(self, release: int) -> dict[str, Any]:
        """The manifest for a command to a buoy; ReleaseError where the release is not whole."""
        text, _ = self._whole(release)
        found: dict[str, Any] = json.loads(text)
        return found

    def answer(self, want: Mapping[str, Any]) -> Chunk:
        """The piece that a buoy's report of type "want" asks for; ReleaseError where none is."""
        release, offset = _number(want, "release"), _number(want, "offset")
        _, bundle = self._whole(release)
        if offset >= len(bundle):
            raise ReleaseError(f"release {release} has {len(bundle)} bytes, not {offset}")
        return Chunk(release, offset, bundle[offset : offset + MAX_DATA])

    def _whole(self, release: int) -> tuple[bytes, bytes]:
        text = _read(self._folder / f"{release}.json")
        kept = self._bundles.get(release)
        if kept is None or kept[0] != text:
            bundle = _read(self._folder / f"{release}.bundle")
            self.check(release, text, bundle)
            kept = self._bundles[release] = (text, bundle)
        return kept

    @staticmethod
    def check(release: int, text: bytes, bundle: bytes) -> None:
        """ReleaseError where manifest and bundle do not belong together."""
        try:
            manifest = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ReleaseError(f"{release}.json is no JSON: {error}") from error
        if not isinstance(manifest, dict) or set(manifest) != _FIELDS:
            raise ReleaseError(f"{release}.json must have exactly {', '.join(sorted(_FIELDS))}")
        if len(bundle) > _LARGEST:
            raise ReleaseError(f"{release}.bundle has more than {_LARGEST} bytes")
        digest = hashlib.sha256(bundle).hexdigest()
        if (manifest["release"], manifest["size"], manifest["sha256"]) != (
            release,
            len(bundle),
            digest,
        ):
            raise ReleaseError(f"{release}.bundle is not the one of {release}.json")


def _number(want: Mapping[str, Any], key: str) -> int:
    value = want.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MAX_U32:
        raise ReleaseError(f"{key} {value!r:.40} is not a whole number of 32 bits")
    return value


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise ReleaseError(f"{path.name}: {error.strerror}") from error
    if len(data) > _LARGEST:
        raise ReleaseError(f"{path.name} has more than {_LARGEST} bytes")
    return data
