"""The perceptual hash: blind to re-encoding, not blind to another place."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.models.data.small_sets import save, scene
from xunhe_models.data.hashes import (
    BITS,
    LIMIT,
    Hashes,
    across_sites,
    distances,
    duplicates,
    hash_pictures,
    perceptual_hash,
    same_files,
)
from xunhe_models.data.pictures import Picture

Image = NDArray[np.uint8]


def bits_between(a: Image, b: Image) -> int:
    return int(distances(perceptual_hash(a)[None], perceptual_hash(b)[None])[0, 0])


def re_encoded(image: Image, suffix: str, quality: int) -> Image:
    flag = {".webp": cv2.IMWRITE_WEBP_QUALITY, ".jpg": cv2.IMWRITE_JPEG_QUALITY}[suffix]
    data = cv2.imencode(suffix, image, [flag, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([".webp", ".jpg"]), st.floats(0.5, 1.5))
def test_the_hash_survives_re_encoding_and_resizing(seed: int, suffix: str, scale: float) -> None:
    image = scene(seed, 320, 240)
    other = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    assert bits_between(image, re_encoded(np.asarray(other, np.uint8), suffix, 40)) <= LIMIT // 2


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_other_scenes_are_far(seed: int) -> None:
    assert bits_between(scene(seed, 320, 240), scene(seed + 1, 320, 240)) > LIMIT


def test_a_hash_is_256_bits_and_an_even_picture_has_none_of_its_own() -> None:
    black = np.zeros((40, 50, 3), np.uint8)
    assert perceptual_hash(black).shape == (BITS // 64,)
    assert bits_between(black, np.zeros((300, 100, 3), np.uint8)) == 0
    assert perceptual_hash(np.zeros((1, 1, 3), np.uint8)).dtype == np.uint64


@given(st.lists(st.integers(0, 2**64 - 1), min_size=8, max_size=8))
def test_distances_are_those_of_the_bits(words: list[int]) -> None:
    a, b = np.array(words, np.uint64).reshape(2, 4)
    expected = sum((int(x) ^ int(y)).bit_count() for x, y in zip(a, b, strict=True))
    assert distances(a[None], b[None])[0, 0] == expected


@pytest.mark.parametrize(("flipped", "found"), [(LIMIT - 1, 1), (LIMIT, 1), (LIMIT + 1, 0)])
def test_the_limit_itself_still_counts_as_the_same(flipped: int, found: int) -> None:
    bits = np.zeros(BITS, np.uint8)
    bits[:flipped] = 1
    a, b = Path("a"), Path("b")
    hashes = Hashes({a: np.zeros(4, np.uint64), b: np.packbits(bits).view(np.uint64)}, {}, {})
    train, test = [Picture(a, "1", ())], [Picture(b, "2", ())]
    assert len(duplicates(train, test, hashes)) == found
    assert len(across_sites(train + test, hashes)) == found


def test_copies_are_found_and_what_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    save(tmp_path / "a.png", 1, 320, 240)
    (tmp_path / "copy.png").write_bytes((tmp_path / "a.png").read_bytes())
    cv2.imwrite(str(tmp_path / "again.webp"), scene(1, 200, 150), [cv2.IMWRITE_WEBP_QUALITY, 40])
    whole = save(tmp_path / "cut.jpg", 2, 320, 240).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    names = ("a.png", "copy.png", "again.webp", "cut.jpg")
    pictures = [Picture(tmp_path / name, name, ()) for name in names]
    seen: list[int] = []
    hashes = hash_pictures(pictures, lambda: seen.append(1))
    assert len(seen) == 4
    assert same_files(pictures, hashes) == [(tmp_path / "a.png", tmp_path / "copy.png")]
    pairs = across_sites(pictures, hashes)
    assert {(p.first.name, p.second.name) for p in pairs} == {
        ("a.png", "copy.png"),
        ("a.png", "again.webp"),
        ("copy.png", "again.webp"),
    }
    assert [path.name for path in hashes.unreadable] == ["cut.jpg"]
    assert "truncated" in hashes.unreadable[tmp_path / "cut.jpg"]
