"""What lies where in a camera's picture: water, outfalls, banks, what to ignore, the current.

Coordinates are fractions 0..1 of the picture's width and height, x to the right and y down, so that
a camera's main stream and substream share them. The file is read by `Zones.parse`, which names
every problem at once; `Zones.to_json` gives the same value back.
"""

import difflib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Polygon = tuple[Point, ...]
Hours = tuple[str, str]  # "HH:MM" from and until, local time; past midnight where until < from
Rain = Literal["lower", "same"]
T = TypeVar("T")

VERSION = 1
WHOLE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_WHOLE_NAME = "水面"
_MAX_CORNERS = 200
_LEAST_AREA = 1e-5  # of the picture: 20 px of 1080p
_FLAT = 1e-3  # twice a triangle's area over its longest side squared, below which it is a line
_KEYS = ("version", "water", "outfalls", "banks", "ignore", "flow", "ground")


class ZonesError(ValueError):
    """Every problem of a zones file, one sentence each, in `problems`."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class WaterZone:
    """Water in which floating things count."""

    name: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class OutfallZone:
    """A mouth and what comes from it; `upstream` is clean water to compare with.

    `permitted_hours`: when it may flow. `rain_expected`: what expected rain does to the severity.
    """

    code: str
    name: str
    polygon: Polygon
    upstream: Polygon | None = None
    permitted_hours: tuple[Hours, ...] = ()
    rain_expected: Rain = "lower"


@dataclass(frozen=True, slots=True)
class BankZone:
    """A bank at which dumping is looked for."""

    name: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Ground:
    """Four points of the water's surface: `px` in fractions of the picture, `m` in metres."""

    px: tuple[Point, Point, Point, Point]
    m: tuple[Point, Point, Point, Point]

    def metres(self, points: Sequence[Point]) -> NDArray[np.float64] | None:
        """Points (N, 2) on the water in metres; None where one lies on or above the horizon."""
        matrix = _homography(self.px, self.m)
        lifted = np.column_stack([np.asarray(points, np.float64), np.ones(len(points))]) @ matrix.T
        # The side of the horizon on which the four points lie is the water's.
        below = math.copysign(1.0, float(matrix[2] @ np.array([*self.px[0], 1.0])))
        if (lifted[:, 2] * below <= 1e-9).any():
            return None
        return np.asarray(lifted[:, :2] / lifted[:, 2:])

    def area_m2(self, polygon: Sequence[Point]) -> float | None:
        """The area of a polygon in the picture, m²; None where it reaches above the horizon."""
        corners = self.metres(polygon)
        return None if corners is None else polygon_area(corners.tolist())


@dataclass(frozen=True, slots=True)
class Zones:
    """A camera's zones. Names are unique; `flow` is the current's direction in the picture."""

    water: tuple[WaterZone, ...]
    outfalls: tuple[OutfallZone, ...] = ()
    banks: tuple[BankZone, ...] = ()
    ignore: tuple[Polygon, ...] = ()
    flow: Point | None = None
    ground: Ground | None = None

    @classmethod
    def whole(cls) -> Self:
        """The whole picture is water."""
        return cls((WaterZone(_WHOLE_NAME, WHOLE),))

    @classmethod
    def parse(cls, value: object) -> Self:
        """Zones from the value of a JSON file; ZonesError with every problem.

        Without water zones the whole picture is water.
        """
        if not isinstance(value, dict):
            raise ZonesError([f"the file must hold an object, not {type(value).__name__}"])
        reader = _Reader()
        reader.check_keys("the file", value, _KEYS)
        if value.get("version", VERSION) != VERSION:
            reader.problems.append(f"version {value['version']!r} is not {VERSION}")
        water = reader.table(value, "water", _water)
        zones = cls(
            water or cls.whole().water,
            reader.table(value, "outfalls", _outfall),
            reader.table(value, "banks", _bank),
            reader.table(value, "ignore", lambda row: _polygon(row, "polygon")),
            reader.optional(value, "flow", _flow),
            reader.optional(value, "ground", _ground),
        )
        reader.problems.extend(_doubled(zones))
        if reader.problems:
            raise ZonesError(reader.problems)
        return zones

    def to_json(self) -> dict[str, Any]:
        """The value that `parse` reads."""
        outfalls = [
            {
                "code": each.code,
                "name": each.name,
                "polygon": _lists(each.polygon),
                "upstream": each.upstream and _lists(each.upstream),
                "permitted_hours": [list(hours) for hours in each.permitted_hours],
                "rain_expected": each.rain_expected,
            }
            for each in self.outfalls
        ]
        ground = self.ground and {"px": _lists(self.ground.px), "m": _lists(self.ground.m)}
        return {
            "version": VERSION,
            "water": [{"name": each.name, "polygon": _lists(each.polygon)} for each in self.water],
            "outfalls": outfalls,
            "banks": [{"name": each.name, "polygon": _lists(each.polygon)} for each in self.banks],
            "ignore": [_lists(each) for each in self.ignore],
            "flow": self.flow and list(self.flow),
            "ground": ground,
        }


class _Reader:
    """Reads part after part and keeps the problems."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def table(self, value: Mapping[str, Any], key: str, make: Callable[[Any], T]) -> tuple[T, ...]:
        rows = value.get(key) or []
        if not isinstance(rows, list):
            self.problems.append(f"{key} must be a list, not {type(rows).__name__}")
            return ()
        made = (self._made(f"{key}[{i}]", row, make) for i, row in enumerate(rows))
        return tuple(each for each in made if each is not None)

    def optional(self, value: Mapping[str, Any], key: str, make: Callable[[Any], T]) -> T | None:
        return None if value.get(key) is None else self._made(key, value[key], make)

    def _made(self, where: str, row: object, make: Callable[[Any], T]) -> T | None:
        try:
            return make(row)
        except ZonesError as error:
            self.problems.extend(f"{where}: {problem}" for problem in error.problems)
        return None

    def check_keys(self, where: str, row: Mapping[str, Any], keys: Sequence[str]) -> None:
        self.problems.extend(f"{where}: {problem}" for problem in _unknown(row, keys))


def polygon_area(polygon: Sequence[Sequence[float]]) -> float:
    """The area that a polygon's corners enclose, in the square of their unit."""
    pairs = zip(polygon, [*polygon[1:], polygon[0]], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _water(row: object) -> WaterZone:
    fields = _object(row, ("name", "polygon"))
    return WaterZone(*_all(lambda: _text(fields, "name"), lambda: _polygon_of(fields, "polygon")))


def _bank(row: object) -> BankZone:
    fields = _object(row, ("name", "polygon"))
    return BankZone(*_all(lambda: _text(fields, "name"), lambda: _polygon_of(fields, "polygon")))


def _outfall(row: object) -> OutfallZone:
    keys = ("code", "name", "polygon", "upstream", "permitted_hours", "rain_expected")
    fields = _object(row, keys)
    has_upstream = fields.get("upstream") is not None
    return OutfallZone(
        *_all(
            lambda: _text(fields, "code"),
            lambda: _text(fields, "name"),
            lambda: _polygon_of(fields, "polygon"),
            lambda: _polygon_of(fields, "upstream") if has_upstream else None,
            lambda: _hours(fields.get("permitted_hours") or []),
            lambda: _rain(fields.get("rain_expected", "lower")),
        )
    )


def _all(*parts: Callable[[], Any]) -> list[Any]:
    """Every part, or a ZonesError with the problems of all of them."""
    made: list[Any] = []
    problems: list[str] = []
    for part in parts:
        try:
            made.append(part())
        except ZonesError as error:
            problems.extend(error.problems)
    if problems:
        raise ZonesError(problems)
    return made


def _object(row: object, keys: Sequence[str]) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise ZonesError([f"must be an object, not {type(row).__name__}"])
    if problems := list(_unknown(row, keys)):
        raise ZonesError(problems)
    return row


def _unknown(row: Mapping[str, Any], keys: Sequence[str]) -> Iterator[str]:
    for key in row:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, n=1)
            yield f"unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ZonesError([f"{key} must be a text, not {value!r}"])
    return value


def _polygon_of(fields: Mapping[str, Any], key: str) -> Polygon:
    if key not in fields:
        raise ZonesError([f"{key} is missing"])
    return _polygon(fields[key], key)


def _polygon(value: object, name: str) -> Polygon:
    points = _points(value, name)
    if not 3 <= len(points) <= _MAX_CORNERS:
        raise ZonesError([f"{name} has {len(points)} corners, 3 to {_MAX_CORNERS} are needed"])
    if outside := [point for point in points if not all(0 <= side <= 1 for side in point)]:
        raise ZonesError([f"{name}: {list(outside[0])} lies outside the picture (0..1)"])
    if polygon_area(points) < _LEAST_AREA:
        raise ZonesError([f"{name} encloses no area"])
    if _crosses_itself(points):
        raise ZonesError([f"{name} crosses itself: give its corners in order"])
    return points


def _points(value: object, name: str) -> Polygon:
    if not isinstance(value, list):
        raise ZonesError([f"{name} must be a list of [x, y], not {type(value).__name__}"])
    return tuple(_point(each, name) for each in value)


def _point(value: object, name: str) -> Point:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        raise ZonesError([f"{name}: {value!r} is not [x, y]"])
    return float(value[0]), float(value[1])


def _is_number(value: object) -> bool:
    is_real = isinstance(value, int | float) and not isinstance(value, bool)
    return is_real and math.isfinite(cast(float, value))


def _flow(value: object) -> Point:
    x, y = _point(value, "flow")
    if math.hypot(x, y) < 1e-6:
        raise ZonesError(["[0, 0] is no direction; leave it out where the current is not known"])
    return x, y


def _ground(value: object) -> Ground:
    fields = _object(value, ("px", "m"))
    px, m = _all(lambda: _four(fields.get("px"), "px"), lambda: _four(fields.get("m"), "m"))
    return Ground(px, m)


def _four(value: object, name: str) -> tuple[Point, Point, Point, Point]:
    points = _points(value, name)
    if len(points) != 4:
        raise ZonesError([f"{name} has {len(points)} points, 4 are needed"])
    if name == "px" and any(not -1 <= side <= 2 for point in points for side in point):
        raise ZonesError([f"{name} must be fractions of the picture"])
    turns = [_turn(points[i], points[(i + 1) % 4], points[(i + 2) % 4]) for i in range(4)]
    if any(_is_flat(*three) for three in combinations(points, 3)):
        raise ZonesError([f"{name}: three of its points lie on one line"])
    if not (all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns)):
        raise ZonesError([f"{name} must go round the four corners in order"])
    a, b, c, d = points
    return a, b, c, d


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_flat(a: Point, b: Point, c: Point) -> bool:
    longest = max(math.dist(a, b), math.dist(b, c), math.dist(a, c))
    return longest == 0 or abs(_turn(a, b, c)) < _FLAT * longest**2


def _crosses_itself(points: Polygon) -> bool:
    edges = list(zip(points, [*points[1:], points[0]], strict=True))
    return any(
        _cross(*edges[i], *edges[j])
        for i, j in combinations(range(len(edges)), 2)
        if j - i not in (1, len(edges) - 1)  # neighbours share a corner
    )


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    apart = _turn(a, b, c) * _turn(a, b, d) < 0
    return apart and _turn(c, d, a) * _turn(c, d, b) < 0


def _hours(value: object) -> tuple[Hours, ...]:
    if not isinstance(value, list):
        raise ZonesError([f"permitted_hours must be a list, not {type(value).__name__}"])
    problems = [
        f'permitted_hours: {each!r} is not ["HH:MM", "HH:MM"]'
        for each in value
        if not (isinstance(each, list) and len(each) == 2 and all(map(_is_clock, each)))
    ]
    if problems:
        raise ZonesError(problems)
    return tuple((each[0], each[1]) for each in value)


def _is_clock(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":":
        return False
    hour, minute = value[:2], value[3:]
    is_digits = hour.isascii() and minute.isascii() and hour.isdigit() and minute.isdigit()
    is_time = is_digits and int(hour) < 24 and int(minute) < 60
    return is_time or value == "24:00"


def _rain(value: object) -> Rain:
    if value == "lower":
        return "lower"
    if value != "same":
        raise ZonesError([f"rain_expected {value!r} is not 'lower' or 'same'"])
    return "same"


def _doubled(zones: Zones) -> Iterator[str]:
    names = [zone.name for zone in zones.water] + [each.code for each in zones.outfalls]
    names += [bank.name for bank in zones.banks]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name!r} names more than one zone: names and outfall codes must differ"


def _lists(points: Sequence[Point]) -> list[list[float]]:
    return [list(point) for point in points]


def _homography(px: Sequence[Point], m: Sequence[Point]) -> NDArray[np.float64]:
    """The matrix (3, 3) that takes the four `px` to the four `m`, its last element 1.

    Eight linear equations, two a point (Hartley and Zisserman, chapter 4.1).
    """
    rows, right = [], []
    for (x, y), (u, v) in zip(px, m, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    solved = np.linalg.solve(np.array(rows, np.float64), np.array(right, np.float64))
    return np.append(solved, 1.0).reshape(3, 3)
