"""Splits by site, never at random: frames of one camera are nearly equal, and a model that has
seen one of them knows the others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xunhe_models.data.dataset import Dataset
from xunhe_models.data.hashes import Hashes, Pair, across_sites, duplicates, hash_pictures
from xunhe_models.data.pictures import Picture

_PAIRS_SHOWN = 10


class SplitError(ValueError):
    """A split that cannot be made as asked; says which sites there are."""


class DuplicatesError(SplitError):
    """Pictures of one side are on the other side too; all `pairs` are kept, the nearest named."""

    def __init__(self, pairs: Sequence[Pair], root: Path) -> None:
        self.pairs = tuple(pairs)
        shown = [
            f"{_name(p.first, root)} = {_name(p.second, root)} ({p.distance} bits)"
            for p in pairs[:_PAIRS_SHOWN]
        ]
        more = [f"and {len(pairs) - _PAIRS_SHOWN} more"] if len(pairs) > _PAIRS_SHOWN else []
        super().__init__(
            f"{len(pairs)} pairs of pictures are nearly the same on both sides of the split; put"
            " their sites on one side, or take the copies out:\n" + "\n".join(shown + more)
        )


@dataclass(frozen=True, slots=True)
class Split:
    """Two sides that share no site."""

    train: tuple[Picture, ...]
    test: tuple[Picture, ...]
    test_sites: tuple[str, ...]


def split(dataset: Dataset, test_sites: Collection[str], hashes: Hashes | None = None) -> Split:
    """The pictures of `test_sites` on one side, all others on the other.

    A site may be named without the data set before it. SplitError for a site that is not there or a
    side left empty, DuplicatesError when a picture is on both sides. Without `hashes` every picture
    is decoded.
    """
    sites = {_full_name(dataset, name) for name in test_sites}
    train = tuple(p for p in dataset.pictures if p.site not in sites)
    test = tuple(p for p in dataset.pictures if p.site in sites)
    if not train or not test:
        raise SplitError(
            f"{len(train)} pictures to train and {len(test)} to test; sites: {_known(dataset)}"
        )
    hashes = hashes or hash_pictures(dataset.pictures)
    if pairs := duplicates(train, test, hashes):
        raise DuplicatesError(pairs, dataset.root)
    return Split(train, test, tuple(sorted(sites)))


def split_by_site(dataset: Dataset, share: float, seed: int, hashes: Hashes | None = None) -> Split:
    """A split with about `share` (0 to 1) of the pictures to test, drawn by sites.

    Sites that share pictures are drawn together. SplitError when fewer than two are left.
    """
    hashes = hashes or hash_pictures(dataset.pictures)
    groups = _linked_sites(dataset, hashes)
    if len(groups) < 2:
        raise SplitError(f"a split needs two sites that share no picture; {_known(dataset)}")
    return split(dataset, _drawn(dataset, groups, share, seed), hashes)


def _drawn(dataset: Dataset, groups: list[set[str]], share: float, seed: int) -> set[str]:
    """Groups in random order, each taken if it brings the share nearer; never all, never none."""
    counts = [sum(p.site in group for p in dataset.pictures) for group in groups]
    wanted = share * sum(counts)
    drawn: list[int] = []
    for i in np.random.default_rng(seed).permutation(len(groups)).tolist():
        have = sum(counts[j] for j in drawn)
        nearer = abs(have + counts[i] - wanted) < abs(have - wanted)
        if nearer and len(drawn) < len(groups) - 1:
            drawn.append(i)
    drawn = drawn or [counts.index(min(counts))]
    return {site for i in drawn for site in groups[i]}


def _linked_sites(dataset: Dataset, hashes: Hashes) -> list[set[str]]:
    """The sites, joined where they share a picture."""
    site = {p.path: p.site for p in dataset.pictures}
    groups = [{name} for name in dataset.sites]
    for pair in across_sites(dataset.pictures, hashes):
        ends = {site[pair.first], site[pair.second]}
        joined = [group for group in groups if group & ends]
        groups = [group for group in groups if not group & ends] + [set().union(*joined)]
    return groups


def _full_name(dataset: Dataset, name: str) -> str:
    for site in dataset.sites:
        if name == site or site.endswith("/" + name):
            return site
    raise SplitError(f"no site {name!r}; sites: {_known(dataset)}")


def _known(dataset: Dataset) -> str:
    return ", ".join(dataset.sites) or "none"


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
