"""The packages that an installed distribution needs, and those that these need in turn."""

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name


def closure(name: str, extras: Iterable[str]) -> dict[str, tuple[Distribution, frozenset[str]]]:
    """Name → (distribution, names it needs), of all that is installed and asked for.

    Requirements that this platform does not meet, and extras that nobody asks for, are not in it.
    """
    found: dict[str, tuple[Distribution, frozenset[str]]] = {}
    waiting = [(canonicalize_name(name), frozenset(extras))]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        asked = waiting.pop()
        if asked in seen:
            continue
        seen.add(asked)
        try:
            installed = distribution(asked[0])
        except PackageNotFoundError:  # an extra that is not installed here
            continue
        needed = list(_needed(installed, asked[1]))
        known = found.get(asked[0], (installed, frozenset[str]()))[1]
        found[asked[0]] = (installed, known | {need for need, _ in needed})
        waiting += needed
    return {
        key: (installed, needs & found.keys()) for key, (installed, needs) in sorted(found.items())
    }


def _needed(
    installed: Distribution, extras: frozenset[str]
) -> Iterable[tuple[NormalizedName, frozenset[str]]]:
    for line in installed.requires or ():
        need = Requirement(line)
        marker = need.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(need.name), frozenset(need.extras)
