"""From what label files say to pictures with boxes that hold.

A box keeps 0 ≤ x0 < x1 ≤ width and the same in y. One that reaches over the border is cut, one
wholly outside is dropped; half a pixel over is rounding and not told. Where the label file states
another size of the same aspect, the picture was resized and the boxes follow; with another aspect
nobody knows what the boxes mean, and the picture is left out. A box of an unknown class becomes a
place to leave out, neither litter nor water.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from xunhe_models.data.dataset import Dataset
from xunhe_models.data.layouts.class_names import BACKGROUND, ClassNames
from xunhe_models.data.layouts.entries import Entry, Mark, Reading
from xunhe_models.data.layouts.folder import Folder
from xunhe_models.data.layouts.sites import SiteRule
from xunhe_models.data.pictures import IGNORE, Box, Picture
from xunhe_models.data.problems import Problem, Reason
from xunhe_models.data.sizes import upright_size
from xunhe_models.images import UnreadableError

_ROUNDING_PX = 0.5
_LEAST_PX = 1.0  # of a side that is left after cutting
_SAME_ASPECT = 0.01
_NAMES_SHOWN = 5

Corners = tuple[float, float, float, float]
Size = tuple[int, int]


@dataclass(slots=True)
class _Settled:
    """One picture while its entries come in."""

    name: str
    site: str
    size: Size
    boxes: list[Box] = field(default_factory=list)
    usable: bool = True


@dataclass(slots=True)
class _Desk:
    """The state while a data set is read."""

    folder: Folder
    names: ClassNames
    sites: SiteRule
    problems: list[Problem] = field(default_factory=list)
    settled: dict[Path, _Settled] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        """Settle one entry; several may speak of one picture."""
        self.seen.add(entry.image)
        picture = self._picture(entry)
        if picture is None:
            return
        scale = self._scale(entry, picture)
        if scale is None:
            picture.usable = False
            return
        for mark in entry.marks:
            box = self._box(mark, scale, picture.size)
            if box in picture.boxes:
                self._tell(mark.where, Reason.DUPLICATE, _spelled(mark.corners))
            elif box is not None:
                picture.boxes.append(box)

    def _picture(self, entry: Entry) -> _Settled | None:
        if entry.image in self.settled:
            return self.settled[entry.image]
        name = entry.image.relative_to(self.folder.root).as_posix()
        try:
            size = upright_size(entry.image)
        except UnreadableError as error:
            self._tell(name, Reason.UNREADABLE, f"{error}; boxes: {len(entry.marks)}")
            return None
        site = entry.site or self.sites.site(name)
        return self.settled.setdefault(entry.image, _Settled(name, site, size))

    def _scale(self, entry: Entry, picture: _Settled) -> tuple[float, float] | None:
        """Pixels of the picture per unit of the entry, or None where they do not go together."""
        width, height = picture.size
        if entry.fractions:
            return float(width), float(height)
        if entry.extent is None or min(entry.extent) <= 0 or entry.extent == picture.size:
            return 1.0, 1.0
        x, y = width / entry.extent[0], height / entry.extent[1]
        stated = f"{entry.extent[0]:g} × {entry.extent[1]:g} stated, {width} × {height} found"
        if abs(x - y) <= _SAME_ASPECT * max(x, y):
            self._tell(entry.where, Reason.SCALED, f"{picture.name}: {stated}")
            return x, y
        left_out = f"{picture.name} left out with {len(entry.marks)} boxes: {stated}"
        self._tell(entry.where, Reason.SIZE_DIFFERS, left_out)
        return None

    def _box(self, mark: Mark, scale: tuple[float, float], size: Size) -> Box | None:
        label = self._label(mark)
        if label == BACKGROUND:
            return None
        x0, y0, x1, y1 = mark.corners
        corners = x0 * scale[0], y0 * scale[1], x1 * scale[0], y1 * scale[1]
        if not _has_area(corners):
            self._tell(mark.where, Reason.NO_AREA, _spelled(mark.corners))
            return None
        inside = clip(corners, size)
        if inside is None:
            self._tell(mark.where, Reason.OUTSIDE, _outside(corners, size))
            return None
        if max(abs(a - b) for a, b in zip(corners, inside, strict=True)) > _ROUNDING_PX:
            self._tell(mark.where, Reason.CLIPPED, _outside(corners, size))
        return Box(*inside, label=label)

    def _label(self, mark: Mark) -> str:
        label = self.names.label(mark.class_name)
        if label is None:
            self._tell(mark.where, Reason.UNKNOWN_CLASS, mark.class_name or "no name")
            return IGNORE
        return IGNORE if mark.ignore and label != BACKGROUND else label

    def _tell(self, where: str, reason: Reason, detail: str) -> None:
        self.problems.append(Problem(where, reason, detail))


def clip(corners: Corners, size: Size) -> Corners | None:
    """Cut at the borders of a picture (width, height); None where less than a pixel is left.

    A box inside stays as it is, however small.
    """
    x0, y0, x1, y1 = corners
    cut = max(x0, 0.0), max(y0, 0.0), min(x1, float(size[0])), min(y1, float(size[1]))
    if cut == corners:
        return cut
    enough = min(cut[2] - cut[0], cut[3] - cut[1]) >= min(_LEAST_PX, x1 - x0, y1 - y0)
    return cut if enough and _has_area(cut) else None


def settle(
    folder: Folder, layout: str, readings: Iterable[Reading], names: ClassNames, sites: SiteRule
) -> Dataset:
    """Pictures in the order of their names, each with every box that holds."""
    desk = _Desk(folder, names, sites)
    for reading in readings:
        if isinstance(reading, Entry):
            desk.take(reading)
        else:
            desk.problems.append(reading)
    unlabelled = [name for name in folder.images if folder.path(name) not in desk.seen]
    if unlabelled:
        desk.problems.append(_unlabelled(unlabelled))
    kept = {path: s for path, s in sorted(desk.settled.items()) if s.usable}
    pictures = tuple(Picture(path, s.site, tuple(s.boxes)) for path, s in kept.items())
    sizes = {path: s.size for path, s in kept.items()}
    return Dataset(folder.root, layout, pictures, sizes, tuple(desk.problems))


def _has_area(corners: Corners) -> bool:
    return corners[2] > corners[0] and corners[3] > corners[1]


def _spelled(corners: Corners) -> str:
    return ", ".join(f"{value:g}" for value in corners)


def _outside(corners: Corners, size: Size) -> str:
    return f"{_spelled(corners)} in {size[0]} × {size[1]}"


def _unlabelled(names: list[str]) -> Problem:
    shown = ", ".join(names[:_NAMES_SHOWN]) + (", …" if len(names) > _NAMES_SHOWN else "")
    return Problem(".", Reason.UNLABELLED, f"{len(names)} left out: {shown}")
