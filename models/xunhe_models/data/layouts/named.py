"""Public data sets by name: how each is recognised, what its classes mean, what its sites are.

Read here in full, as published or as in our data folder:

- `river-plastic`, `litter-land`: the CSV files themselves.
- `taco`: the repository's `data/annotations.json` (`batch_N/000006.jpg` below the JSON's folder,
  `info.description` "TACO"). Some pictures carry an EXIF orientation.
- `uavvaste`: the repository's `annotations/annotations.json` (pictures in `images/`, one category
  `rubbish`, `info.description` "UAVVaste dataset", file names such as `batch_s02_img_116.jpg`: the
  general rule makes `batch_s02_img` the site).

**Unverified**, written from descriptions and from memory, since the data must be applied for or
was not at hand: if one is read wrongly, `--layout voc` or `--layout yolo` reads it plainly.

- `flow-img`: Pascal VOC in `training/images`, `training/annotations` and `test/…`, class `bottle`.
  Nothing is known of sites: the publishers' two parts stand for them.
- `isood`: YOLO, outfalls. They are no litter and keep their own label.
- `iwhr-floater` (IWHR_AI_Lable_Floater_V1, 3,000 pictures from banks): YOLO or Pascal VOC; every
  class is floating debris.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import ModuleType

from xunhe_models.data.layouts import coco, csv_boxes, voc, yolo
from xunhe_models.data.layouts.class_names import OUTFALL, ClassNames
from xunhe_models.data.layouts.entries import Reading
from xunhe_models.data.layouts.folder import Folder


@dataclass(frozen=True, slots=True)
class Layout:
    """How to recognise and read one data set. `site`: see `sites.SiteRule`."""

    recognise: Callable[[Folder], bool]
    read: Callable[[Folder], Iterator[Reading]]
    names: ClassNames = field(default_factory=ClassNames)
    site: tuple[re.Pattern[str], str] | None = None


_LITTER = ClassNames(rest="litter")


def _plain(module: ModuleType) -> Layout:
    return Layout(module.recognise, module.read)


def _is_river_plastic(folder: Folder) -> bool:
    return csv_boxes.recognise(folder) and any(_LOCATION.search(name) for name in folder.images)


def _is_litter_land(folder: Folder) -> bool:
    return csv_boxes.recognise(folder) and _called(folder, "litter-land", "aquatrash")


def _is_flow(folder: Folder) -> bool:
    files = folder.labels(".xml")
    return all(any(name.startswith(f"{part}/annotations/") for name in files) for part in _PARTS)


def _is_taco(folder: Folder) -> bool:
    return _official_taco(folder) is not None


def _official_taco(folder: Folder) -> str | None:
    """The reviewed annotations; `annotations_unofficial.json` beside them is not."""
    names = (n for n in folder.labels(".json") if n.rsplit("/", 1)[-1] == "annotations.json")
    return next((name for name in names if _says(folder, name, b'"description": "TACO"')), None)


def _read_taco(folder: Folder) -> Iterator[Reading]:
    name = _official_taco(folder)
    return coco.read_file(folder, name) if name else coco.read(folder)


def _is_uavvaste(folder: Folder) -> bool:
    names = folder.labels("annotations.json")
    return any(_says(folder, name, b'"description": "UAVVaste') for name in names)


def _is_isood(folder: Folder) -> bool:
    return _called(folder, "isood") and yolo.recognise(folder)


def _is_iwhr(folder: Folder) -> bool:
    return _called(folder, "iwhr", "floater") and (voc.recognise(folder) or yolo.recognise(folder))


def _read_iwhr(folder: Folder) -> Iterator[Reading]:
    return voc.read(folder) if voc.recognise(folder) else yolo.read(folder)


def _called(folder: Folder, *names: str) -> bool:
    return any(name in folder.root.name.casefold().replace("_", "-") for name in names)


def _says(folder: Folder, name: str, text: bytes) -> bool:
    try:
        return text in folder.path(name).read_bytes()
    except OSError:
        return False


_LOCATION = re.compile(r"Location_(\d+)")
_PARTS = ("training", "test")
_PART = re.compile(r"^(training|test)/")
_BATCH = re.compile(r"(?:^|/)(batch_\d+)/")

# Tried in this order; the plain ones last.
LAYOUTS = {
    "river-plastic": Layout(
        _is_river_plastic, csv_boxes.read, _LITTER, (_LOCATION, r"location-\1")
    ),
    "litter-land": Layout(_is_litter_land, csv_boxes.read, _LITTER, (re.compile("^.*"), "")),
    "flow-img": Layout(_is_flow, voc.read, ClassNames({"bottle": "litter"}), (_PART, r"\1")),
    "isood": Layout(_is_isood, yolo.read, ClassNames(rest=OUTFALL)),
    "iwhr-floater": Layout(_is_iwhr, _read_iwhr, _LITTER),
    "taco": Layout(_is_taco, _read_taco, _LITTER, (_BATCH, r"\1")),
    "uavvaste": Layout(_is_uavvaste, coco.read, _LITTER),
    "csv": _plain(csv_boxes),
    "coco": _plain(coco),
    "voc": _plain(voc),
    "yolo": _plain(yolo),
}
