"""Read a labelled data set in any of the known layouts."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from xunhe_models.data.dataset import Dataset
from xunhe_models.data.layouts.folder import Folder
from xunhe_models.data.layouts.named import LAYOUTS
from xunhe_models.data.layouts.settling import settle
from xunhe_models.data.layouts.sites import SiteRule
from xunhe_models.data.problems import LayoutError, Reason

AUTO = "auto"


def read(
    path: Path,
    layout: str = AUTO,
    labels: Mapping[str, str] | None = None,
    site: str | None = None,
) -> Dataset:
    """The pictures below `path` with their boxes; what is wrong with them is in `problems`.

    `labels` maps further class names to ours (an empty label: background); `site` is a pattern
    whose first group, or whole match, in a picture's name is its site. LayoutError says
    what to change; bad labels and bad pictures never raise.
    """
    folder = _folder(path)
    name = _recognised(folder) if layout == AUTO else _known(layout)
    chosen = LAYOUTS[name]
    names = chosen.names.with_more(labels or {})
    dataset = settle(folder, name, chosen.read(folder), names, _sites(folder, name, site))
    if not _says_anything(dataset) and not chosen.recognise(folder):
        raise LayoutError(f"{folder.root} has no labels of the layout {name}; try {AUTO}")
    return dataset


def _folder(path: Path) -> Folder:
    if not path.is_dir():
        what = "is a file; name its folder" if path.exists() else "does not exist"
        raise LayoutError(f"{path} {what}")
    # Names are told below the root: without ".." they stay readable.
    return Folder.of(path.resolve())


def _says_anything(dataset: Dataset) -> bool:
    """Whether there is a box, or a fault that a label file could have."""
    has_boxes = any(picture.boxes for picture in dataset.pictures)
    return has_boxes or any(p.reason is not Reason.UNLABELLED for p in dataset.problems)


def _recognised(folder: Folder) -> str:
    for name, layout in LAYOUTS.items():
        if layout.recognise(folder):
            return name
    raise LayoutError(
        f"{folder.root} has {len(folder.images)} pictures and no labels that are known;"
        f" put them there, or name the layout: {', '.join(LAYOUTS)}"
    )


def _known(layout: str) -> str:
    if layout in LAYOUTS:
        return layout
    near = get_close_matches(layout, LAYOUTS, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    raise LayoutError(f"no layout {layout!r}; {meant}known: {AUTO}, {', '.join(LAYOUTS)}")


def _sites(folder: Folder, layout: str, pattern: str | None) -> SiteRule:
    named = LAYOUTS[layout].site
    is_plain = layout in ("csv", "coco", "voc", "yolo")
    dataset = folder.root.name if is_plain else layout
    if pattern is None:
        return SiteRule(dataset, *named) if named else SiteRule(dataset)
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise LayoutError(f"site pattern {pattern!r}: {error}") from error
    return SiteRule(dataset, found, r"\1" if found.groups else r"\g<0>")
