"""Reads a registry folder: `reaches.geojson` (reaches and places), `duty.toml`, cameras.

GeoJSON is RFC 7946, WGS-84. A feature's `kind` is one of `KINDS`; its other properties are the
fields of the domain type of that name. `duty.toml` has tables post, person, tenure.
"""

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from xunhe.adapters.cameras_file import with_cameras
from xunhe.domain.classes import WaterClass
from xunhe.domain.registry import (
    Level,
    Outfall,
    Person,
    Post,
    Reach,
    Registry,
    RegistryError,
    Station,
    Tenure,
    VelocityBasis,
)
from xunhe.domain.riverside import (
    Intake,
    IntakeUse,
    Section,
    SectionKind,
    Source,
    SourceKind,
)

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Row = Mapping[str, Any]

KINDS = ("reach", "station", "outfall", "source", "section", "intake")


def load(folder: Path) -> Registry:
    """The registry in a folder. Raises RegistryError with every problem found."""
    features = _read(folder / "reaches.geojson", json.loads)
    duty = _read(folder / "duty.toml", tomllib.loads)
    problems: list[str] = []
    rows = list(_features(features, problems))

    def built(kind: str, make: Callable[[Row], T], source: list[Row]) -> list[T]:
        made = []
        for row in source:
            try:
                made.append(make(row))
            except KeyError as missing:
                problems.append(f"{kind} {row.get('code', '?')}: {missing.args[0]} is missing")
            except (ValueError, TypeError, AttributeError) as error:
                problems.append(f"{kind} {row.get('code', '?')}: {error}")
        return made

    def registered(kind: str, make: Callable[[Row], T]) -> list[T]:
        return built(kind, make, [row for row in rows if row["kind"] == kind])

    reaches = registered("reach", _reach)
    stations = registered("station", _station)
    outfalls = registered("outfall", _outfall)
    sources = registered("source", _source)
    sections = registered("section", _section)
    intakes = registered("intake", _intake)
    posts = built("post", _post, duty.get("post", []))
    persons = built("person", lambda row: Person(row["code"], row["name"]), duty.get("person", []))
    tenures = built("tenure", _tenure, duty.get("tenure", []))
    if problems:
        raise RegistryError(problems)
    registry = Registry(
        _by_code(reaches, "reach"),
        _by_code(stations, "station"),
        _by_code(outfalls, "outfall"),
        _by_code(posts, "post"),
        _by_code(persons, "person"),
        tuple(tenures),
        sources=_by_code(sources, "source"),
        sections=_by_code(sections, "section"),
        intakes=_by_code(intakes, "intake"),
    )
    return with_cameras(registry, folder)


def _read(path: Path, parse: Callable[[str], Any]) -> dict[str, Any]:
    try:
        value = parse(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RegistryError([f"{path} does not exist: create it or set registry.folder"]) from None
    except (ValueError, UnicodeDecodeError) as error:
        raise RegistryError([f"{path}: {error}"]) from error
    if not isinstance(value, dict):
        raise RegistryError([f"{path}: must be an object, not {type(value).__name__}"])
    return value


def _features(collection: Row, problems: list[str]) -> Iterator[Row]:
    for i, feature in enumerate(collection.get("features", [])):
        row = {**feature.get("properties", {}), "geometry": feature.get("geometry") or {}}
        if row.get("kind") in KINDS:
            yield row
        else:
            problems.append(
                f"feature {i}: kind {row.get('kind')!r} is not one of {', '.join(KINDS)}"
            )


def _by_code(things: list[Any], kind: str) -> dict[str, Any]:
    table = {thing.code: thing for thing in things}
    if len(table) < len(things):
        codes = [thing.code for thing in things]
        double = sorted({code for code in codes if codes.count(code) > 1})
        raise RegistryError([f"{kind} {code}: registered twice" for code in double])
    return table


def _point(row: Row) -> tuple[float, float]:
    if row["geometry"].get("type") != "Point":
        raise ValueError("its geometry must be a Point")
    lon, lat = row["geometry"]["coordinates"][:2]
    return float(lon), float(lat)


def _reach(row: Row) -> Reach:
    if row["geometry"].get("type") != "LineString":
        raise ValueError("its geometry must be a LineString")
    return Reach(
        code=row["code"],
        name=row["name"],
        name_en=row["name_en"],
        river=row["river"],
        downstream=row["downstream"],
        length_m=float(row["length_m"]),
        velocity_m_s=float(row["velocity_m_s"]),
        discharge_m3_s=float(row["discharge_m3_s"]),
        dispersion_m2_s=float(row["dispersion_m2_s"]),
        target=_target(row),
        line=_pairs(row["geometry"]["coordinates"]),
        velocity_basis=_word(VelocityBasis, row, "velocity_basis", VelocityBasis.ASSUMED),
        velocity_range_m_s=_range(row.get("velocity_range_m_s")),
        velocity_at_level=_pairs(row.get("velocity_at_level", [])),
    )


def _target(row: Row) -> WaterClass:
    if row["target"] not in WaterClass.__members__:
        raise ValueError(
            f"target {row['target']!r} is not one of {', '.join(WaterClass.__members__)}"
        )
    return WaterClass[row["target"]]


def _pairs(rows: list[list[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(row[0]), float(row[1])) for row in rows)


def _range(row: list[float] | None) -> tuple[float, float] | None:
    if row is None:
        return None
    low, high = row
    return float(low), float(high)


def _word(words: type[E], row: Row, key: str, default: E | None = None) -> E:
    """One of an enumeration's words; KeyError where it is missing and has no default."""
    if key not in row and default is not None:
        return default
    try:
        return words(row[key])
    except ValueError:
        raise ValueError(f"{key} {row[key]!r} is not one of {', '.join(words)}") from None


def _place(row: Row) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": row["name"],
        "name_en": row["name_en"],
        "reach": row["reach"],
        "position_m": float(row["position_m"]),
        "lon_lat": _point(row),
    }


def _station(row: Row) -> Station:
    return Station(**_place(row), interval_s=int(row["interval_s"]))


def _outfall(row: Row) -> Outfall:
    return Outfall(**_place(row))


def _source(row: Row) -> Source:
    flow_m3_d = row.get("flow_m3_d")
    return Source(
        **_place(row),
        kind=_word(SourceKind, row, "source_kind"),
        permit=row.get("permit"),
        pollutants=tuple(row.get("pollutants", ())),
        flow_m3_d=None if flow_m3_d is None else float(flow_m3_d),
        findings=int(row.get("findings", 0)),
        outfall=row.get("outfall"),
    )


def _section(row: Row) -> Section:
    kind = _word(SectionKind, row, "section_kind")
    return Section(**_place(row), kind=kind, target=_target(row), station=row.get("station"))


def _intake(row: Row) -> Intake:
    return Intake(
        **_place(row), use=_word(IntakeUse, row, "use"), contact=str(row.get("contact", ""))
    )


def _post(row: Row) -> Post:
    try:
        level = Level[row["level"].upper()]
    except KeyError:
        names = ", ".join(level.name.lower() for level in Level)
        raise ValueError(f"level {row.get('level')!r} is not one of {names}") from None
    return Post(row["code"], row["title"], row["title_en"], level, tuple(row["reaches"]))


def _tenure(row: Row) -> Tenure:
    until = row.get("until")
    return Tenure(row["post"], row["person"], _instant(row["since"]), until and _instant(until))


def _instant(value: datetime) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(
            f"{value!r} must be a date-time with its offset: 2026-01-01T00:00:00+08:00"
        )
    return value.astimezone(UTC)
