"""A labelled data set as it was read: pictures with boxes, and what was wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xunhe_models.data.pictures import Picture
from xunhe_models.data.problems import Problem


@dataclass(frozen=True, slots=True)
class Dataset:
    """`sizes` holds (width, height) of every picture, upright, in pixels."""

    root: Path
    layout: str
    pictures: tuple[Picture, ...]
    sizes: Mapping[Path, tuple[int, int]]
    problems: tuple[Problem, ...]

    @property
    def sites(self) -> tuple[str, ...]:
        """Every site once, in alphabetical order."""
        return tuple(sorted({picture.site for picture in self.pictures}))

    def name_of(self, path: Path) -> str:
        """A picture's path below the data set's folder."""
        return path.relative_to(self.root).as_posix()
