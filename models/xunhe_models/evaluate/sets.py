"""The sets that the models are judged by, from the shared data folder: whole sites, never a draw.

What a model was trained with stands in its file; a set says which of its sites that was.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from xunhe_models.data.layouts.reading import read
from xunhe_models.data.own_labels import own_labels
from xunhe_models.data.pictures import CLASSES, Picture
from xunhe_models.data.problems import LayoutError
from xunhe_models.data.reading import MARK, clip_of

# Clips of outfalls without litter, a frame a second; the vendor's overlays stay in.
_OUTFALL_FRAMES = {"pipe_flow.mp4": range(0, 388, 15), "pipe_flow3.mp4": range(0, 1083, 15)}
# Before and after these frames a bottle is in the picture, from 330 on far away.
_LAKE_CLIP, _LAKE_FRAMES = "clips/zhang_bottle_lake_1.mp4", range(190, 321, 10)


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """Pictures by which models are judged.

    `classes` are those whose boxes are all labelled; none where there is nothing to find, so that
    every box is false. `near` names pictures of training that share places with it.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    near: str = ""

    @property
    def sites(self) -> tuple[str, ...]:
        """Every site once."""
        return tuple(sorted({picture.site for picture in self.pictures}))


@dataclass(frozen=True, slots=True)
class _Kind:
    title: str
    classes: tuple[str, ...]
    pictures: Callable[[Path], Iterable[Picture]]
    near: str = ""


def load_set(name: str, data: Path) -> EvaluationSet:
    """The set `name` of SETS; empty where its folder is not in `data`. Names: see SETS."""
    kind = _KINDS[name]
    return EvaluationSet(name, kind.title, kind.classes, tuple(kind.pictures(data)), kind.near)


def name_of(picture: Picture, data: Path) -> str:
    """A picture's name below the data folder."""
    return picture.path.relative_to(data).as_posix()


def _location_3(data: Path) -> list[Picture]:
    try:
        pictures = read(data / "river-plastic", "river-plastic").pictures
    except LayoutError:
        return []
    return [p for p in pictures if p.site == "river-plastic/location-3"]


def _eye_height(data: Path) -> list[Picture]:
    return _present(own_labels("eye_height", data))


def _wall_crops(data: Path) -> list[Picture]:
    crops = own_labels("floating_crops", data / "floating-crops")
    return _present(_of_sites(crops, "floating-crops/stone-wall"))


def _mats(data: Path) -> list[Picture]:
    pictures = own_labels("vegetation_mats", data / "vegetation/mats")
    return _present(_of_sites(pictures, "vegetation/mats/4", "vegetation/mats/5"))


def _still_negatives(data: Path) -> list[Picture]:
    clean = own_labels("clean", data / "river-scenes/clean")
    plants = own_labels("land_plants", data / "vegetation/hard-negatives")
    stills = _of_sites([*clean, *plants], "clean/kept-out", "land-plants/kept-out")
    stills += [p for p in _eye_height(data) if not p.boxes and clip_of(p) is None]
    return _present(stills)


def _clip_negatives(data: Path) -> list[Picture]:
    outfalls = {f"outfall/{name}": numbers for name, numbers in _OUTFALL_FRAMES.items()}
    frames = [
        Picture(data / f"{clip}{MARK}{number}", clip, ())
        for clip, numbers in {**outfalls, _LAKE_CLIP: _LAKE_FRAMES}.items()
        for number in numbers
    ]
    frames += [p for p in _eye_height(data) if not p.boxes and clip_of(p) is not None]
    return _present(list({p.path: p for p in frames}.values()))


def _tuning_negatives(data: Path) -> list[Picture]:
    return _present(_of_sites(own_labels("clean", data / "river-scenes/clean"), "clean/tune"))


def _of_sites(pictures: Iterable[Picture], *starts: str) -> list[Picture]:
    return [p for p in pictures if p.site.startswith(starts)]


def _present(pictures: list[Picture]) -> list[Picture]:
    """Those whose folder is there: a user may have a part of the data only.

    A single file that is missing stays in, and is named as unreadable.
    """
    there = {folder: folder.is_dir() for folder in {p.path.parent for p in pictures}}
    return [p for p in pictures if there[p.path.parent]]


_KINDS = {
    "location-3": _Kind(
        "第三处桥上相机 / bridge camera, location 3",
        ("litter",),
        _location_3,
        "the same canal as locations 1 and 2, other bridges",
    ),
    "eye-height": _Kind(
        "岸边与平视 / eye height and banks",
        CLASSES,
        _eye_height,
        "surfrider/second: the collection of surfrider/first, so rivers may recur",
    ),
    "eye-height-crops": _Kind(
        "平视近景裁片 / near crops at eye height",
        ("litter",),
        _wall_crops,
        "crops of 200 px around an object, so easy; floating-crops/bank may show the same canal",
    ),
    "mats": _Kind(
        "水生植物 / vegetation mats",
        CLASSES,
        _mats,
        "web pictures of one collection; 0 to 3 are trained on, 4 and 5 kept out",
    ),
    "negatives-stills": _Kind(
        "无漂浮物的照片 / stills without litter",
        (),
        _still_negatives,
        "clean and land-plants: collections of which other pictures are trained on",
    ),
    "negatives-clips": _Kind(
        "无漂浮物的视频帧 / clip frames without litter",
        (),
        _clip_negatives,
        "neighbouring frames are nearly equal: count the clips",
    ),
    "negatives-tuning": _Kind(
        "调阈值用的照片 / stills by which thresholds are chosen",
        (),
        _tuning_negatives,
        "not a test: thresholds were chosen on them",
    ),
}
SETS = tuple(_KINDS)
DEFAULT_SETS = tuple(name for name in SETS if name != "negatives-tuning")
