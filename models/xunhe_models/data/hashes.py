"""A perceptual hash of pictures, to find those that are nearly the same.

The hash is the sign of the 16 × 16 lowest DCT terms of the picture in grey at 64 × 64, against
their median: 256 bits. Measured on 1,194 pictures (`river-plastic`, `litter-land`, `river-scenes`,
`vegetation`), in bits that differ:

- the same picture again as WebP of quality 40, JPEG 30, at half or a quarter of its size: at most
  12 (120 pictures each);
- of 590,384 pairs from different places the nearest differ by 61 (two bridges over one canal), the
  nearest outside that canal by 84;
- frames of one bridge camera, mostly 15 minutes apart: 64, 50 and 71 % of the neighbours at the
  three locations are within LIMIT.

LIMIT lies between. The usual hash of 64 bits does worse: its nearest strangers are at 8 bits, and
with a limit of 6 it finds a third of the neighbouring frames. A picture cut by 2 % at two sides
differs by 36 on average and by up to 64: crops are found only when they are small.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.data.pictures import Picture
from xunhe_models.images import UnreadableError, read_image

BITS = 256
LIMIT = 48  # bits; up to here two pictures count as one
_SIDE, _TERMS = 64, 16
_ROWS_AT_ONCE = 256

Hash = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Hashes:
    """Of every picture that could be decoded: `bits` (4,) uint64, and the SHA-256 of its file."""

    bits: Mapping[Path, Hash]
    sha256: Mapping[Path, str]
    unreadable: Mapping[Path, str]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures that differ by `distance` of 256 bits."""

    first: Path
    second: Path
    distance: int


def perceptual_hash(bgr: NDArray[np.uint8]) -> Hash:
    """(4,) uint64 of a picture (H, W, 3)."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    terms = cv2.dct(np.asarray(small, np.float32))[:_TERMS, :_TERMS].ravel()
    terms = np.round(terms, 1)  # an even picture has no signs of its own
    return np.packbits(terms > np.median(terms[1:])).view(np.uint64)


def hash_pictures(pictures: Iterable[Picture], seen: Callable[[], object] = lambda: None) -> Hashes:
    """Decode and hash each picture; `seen` is called after each."""
    bits: dict[Path, Hash] = {}
    sha256: dict[Path, str] = {}
    unreadable: dict[Path, str] = {}
    for picture in pictures:
        try:
            bits[picture.path] = perceptual_hash(read_image(picture.path).bgr)
            sha256[picture.path] = _sha256(picture.path)
        except (UnreadableError, OSError) as error:
            unreadable[picture.path] = str(error)
        seen()
    return Hashes(bits, sha256, unreadable)


def distances(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Bits (N, M) in which hashes (N, 4) and (M, 4) differ."""
    counts = np.bitwise_count(a[:, None, :] ^ b[None, :, :])
    return np.asarray(counts.sum(axis=2), np.uint16)


def duplicates(
    train: Sequence[Picture], test: Sequence[Picture], hashes: Hashes, limit: int = LIMIT
) -> list[Pair]:
    """Pictures of `train` and `test` within `limit` bits, nearest first."""
    ours = [p.path for p in train if p.path in hashes.bits]
    theirs = [p.path for p in test if p.path in hashes.bits]
    pairs = (Pair(ours[i], theirs[j], d) for i, j, d in _near(hashes, ours, theirs, limit))
    return sorted(pairs, key=lambda pair: (pair.distance, pair.first, pair.second))


def across_sites(pictures: Sequence[Picture], hashes: Hashes, limit: int = LIMIT) -> list[Pair]:
    """Pictures of different sites within `limit` bits, each pair once, nearest first."""
    site = {picture.path: picture.site for picture in pictures}
    paths = [path for path in site if path in hashes.bits]
    pairs = (
        Pair(paths[i], paths[j], distance)
        for i, j, distance in _near(hashes, paths, paths, limit)
        if i < j and site[paths[i]] != site[paths[j]]
    )
    return sorted(pairs, key=lambda pair: (pair.distance, pair.first, pair.second))


def same_files(pictures: Iterable[Picture], hashes: Hashes) -> list[tuple[Path, ...]]:
    """Groups of files with the same bytes."""
    groups: dict[str, list[Path]] = {}
    for picture in pictures:
        if sha256 := hashes.sha256.get(picture.path):
            groups.setdefault(sha256, []).append(picture.path)
    return [tuple(group) for group in groups.values() if len(group) > 1]


def _near(
    hashes: Hashes, ours: Sequence[Path], theirs: Sequence[Path], limit: int
) -> Iterator[tuple[int, int, int]]:
    """Indices and distance of every pair within the limit, in blocks of bounded memory."""
    a, b = _stacked(hashes, ours), _stacked(hashes, theirs)
    for start in range(0, len(a), _ROWS_AT_ONCE):
        found = distances(a[start : start + _ROWS_AT_ONCE], b)
        for i, j in np.argwhere(found <= limit).tolist():
            yield start + i, j, int(found[i, j])


def _stacked(hashes: Hashes, paths: Sequence[Path]) -> NDArray[np.uint64]:
    return np.array([hashes.bits[path] for path in paths], np.uint64).reshape(-1, BITS // 64)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
