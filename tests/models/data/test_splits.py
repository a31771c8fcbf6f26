"""Splits never cut a site, and never hold a picture on both sides."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xunhe_models.data.dataset import Dataset
from xunhe_models.data.hashes import Hashes
from xunhe_models.data.pictures import Picture
from xunhe_models.data.splits import DuplicatesError, SplitError, split, split_by_site

ROOT = Path("root")


def dataset(*sites: str) -> Dataset:
    pictures = tuple(Picture(ROOT / f"{i:03}.png", site, ()) for i, site in enumerate(sites))
    return Dataset(ROOT, "csv", pictures, {}, ())


def distinct(pictures: Dataset, same: tuple[int, ...] = ()) -> Hashes:
    """Hashes far from each other; those of the pictures `same` are equal."""
    random = np.random.default_rng(0)
    words = random.integers(0, 2**63, (len(pictures.pictures), 4)).astype(np.uint64)
    for i in same:
        words[i] = words[same[0]]
    return Hashes({p.path: words[i] for i, p in enumerate(pictures.pictures)}, {}, {})


SITES = st.lists(st.sampled_from("abcdef"), min_size=2, max_size=40)


@given(SITES, st.floats(0, 1), st.integers(0, 1000))
def test_a_split_never_cuts_a_site_and_loses_no_picture(
    sites: list[str], share: float, seed: int
) -> None:
    assume(len(set(sites)) > 1)
    pictures = dataset(*sites)
    parts = split_by_site(pictures, share, seed, distinct(pictures))
    train, test = {p.site for p in parts.train}, {p.site for p in parts.test}
    assert train
    assert test
    assert not train & test
    assert sorted(parts.train + parts.test, key=lambda p: p.path) == list(pictures.pictures)
    assert parts == split_by_site(pictures, share, seed, distinct(pictures))


def test_the_share_is_met_as_near_as_sites_allow() -> None:
    pictures = dataset(*"aaaaabbbbbcccccddddd")
    for seed in range(20):
        assert len(split_by_site(pictures, 0.25, seed, distinct(pictures)).test) == 5


def test_a_picture_on_both_sides_is_refused_with_both_names() -> None:
    pictures = dataset("east", "east", "west")
    with pytest.raises(DuplicatesError, match=r"001.png = 002.png \(0 bits\)") as caught:
        split(pictures, ["west"], distinct(pictures, same=(1, 2)))
    assert [(p.first.name, p.second.name) for p in caught.value.pairs] == [("001.png", "002.png")]
    assert isinstance(caught.value, ValueError)


def test_the_names_shown_are_few_and_the_pairs_are_all_there() -> None:
    pictures = dataset(*["east"] * 20, "west")
    with pytest.raises(DuplicatesError, match="and 10 more") as caught:
        split(pictures, ["west"], distinct(pictures, same=tuple(range(21))))
    assert len(caught.value.pairs) == 20


@given(st.integers(0, 100))
def test_sites_that_share_a_picture_are_drawn_together(seed: int) -> None:
    pictures = dataset("a", "b", "b", "c", "d")
    parts = split_by_site(pictures, 0.4, seed, distinct(pictures, same=(0, 1)))
    assert ("a" in parts.test_sites) == ("b" in parts.test_sites)


def test_sites_that_all_share_pictures_cannot_be_split() -> None:
    pictures = dataset("a", "b")
    with pytest.raises(SplitError, match="two sites that share no picture"):
        split_by_site(pictures, 0.5, 0, distinct(pictures, same=(0, 1)))


def test_a_site_may_be_named_without_its_data_set() -> None:
    pictures = dataset("set/location-1", "set/location-3")
    assert split(pictures, ["location-3"], distinct(pictures)).test_sites == ("set/location-3",)


def test_an_unknown_site_and_an_empty_side_name_the_sites() -> None:
    pictures = dataset("east", "west")
    with pytest.raises(SplitError, match="no site 'north'; sites: east, west"):
        split(pictures, ["north"], distinct(pictures))
    with pytest.raises(SplitError, match="0 pictures to train and 2 to test"):
        split(pictures, ["east", "west"], distinct(pictures))
    with pytest.raises(SplitError, match="2 pictures to train and 0 to test"):
        split(pictures, [], distinct(pictures))
