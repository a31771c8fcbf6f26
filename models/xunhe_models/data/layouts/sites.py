"""The site of a picture, told by its name: what a split never cuts through.

Without a rule of its own, a data set's site is the folder that the pictures lie in, apart from
folders that only say how it is stored (`images`, `train`, …); and where there is none, the
beginning of the file name up to a running number or a date. Rather too few sites than too many:
frames of one clip must not get apart. Sites that nevertheless share pictures are found by the
perceptual hash.
"""

import posixpath
import re
from dataclasses import dataclass

_STORAGE_FOLDERS = """
    images imgs img jpegimages data dataset train training val valid validation test testing
    annotations labels all obj_train_data
"""
_STORAGE = frozenset(_STORAGE_FOLDERS.split())
_ROBOFLOW = re.compile(r"_(?:jpe?g|png|webp|bmp)\.rf\.[0-9a-zA-Z]+$")
_RUNNING = re.compile(r"^(.*?)[-_ .(]*(?:\d{4,}.*|\d+\)?)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SiteRule:
    """`pattern` finds the site in a picture's name below the root; `as_` writes it.

    `as_` is a template of `Match.expand`. A name in which nothing is found follows the general
    rule. Every site starts with the name of the data set.
    """

    dataset: str
    pattern: re.Pattern[str] | None = None
    as_: str = r"\g<0>"

    def site(self, name: str) -> str:
        """The site of the picture `name`, a path below the root."""
        match = self.pattern.search(name) if self.pattern else None
        found = match.expand(self.as_) if match else _general(name)
        return f"{self.dataset}/{found}" if found else self.dataset


def _general(name: str) -> str:
    folders = [p for p in posixpath.dirname(name).split("/") if p and p.lower() not in _STORAGE]
    if folders:
        return "/".join(folders)
    stem = _ROBOFLOW.sub("", posixpath.splitext(posixpath.basename(name))[0])
    match = _RUNNING.match(stem)
    return match[1] if match else stem
