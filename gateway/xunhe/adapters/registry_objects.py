"""Rows of a registry's files become objects of the domain.

What is wrong with a row raises ValueError, TypeError or AttributeError with the reason, or KeyError
with the key that is missing.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from xunhe.domain.classes import WaterClass
from xunhe.domain.offices import Department, Level, Subject, Unit
from xunhe.domain.outfall_file import OutfallKind, Remedy
from xunhe.domain.registry import Outfall, Person, Post, Reach, Station, Tenure, VelocityBasis
from xunhe.domain.riverside import Intake, IntakeUse, Section, SectionKind, Source, SourceKind
from xunhe.domain.sign_board import SignBoard
from xunhe.domain.water_bodies import Lake, LakeKind, River

E = TypeVar("E", bound=StrEnum)
Row = Mapping[str, Any]
Maker = Callable[[Row], Any]


def level_named(name: object) -> Level:
    """The level of a name such as `village`; ValueError names those that there are."""
    found = {level.label_en: level for level in Level}.get(str(name).lower())
    if found is None:
        names = ", ".join(level.label_en for level in Level)
        raise ValueError(f"level {name!r} is not one of {names}")
    return found


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
        velocity_basis=word_of(VelocityBasis, row, "velocity_basis", VelocityBasis.ASSUMED),
        velocity_range_m_s=_range(row.get("velocity_range_m_s")),
        velocity_at_level=_pairs(row.get("velocity_at_level", [])),
        official_code=row.get("official_code"),
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


def word_of(words: type[E], row: Row, key: str, default: E | None = None) -> E:
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
    flow_m3_d = row.get("flow_m3_d")
    return Outfall(
        **_place(row),
        kind=word_of(OutfallKind, row, "outfall_kind", OutfallKind.OTHER),
        owner=str(row.get("owner", "")),
        permit=row.get("permit"),
        flow_m3_d=None if flow_m3_d is None else float(flow_m3_d),
        remedy=word_of(Remedy, row, "remedy", Remedy.NONE),
        stations=tuple(row.get("stations", ())),
    )


def _source(row: Row) -> Source:
    flow_m3_d = row.get("flow_m3_d")
    return Source(
        **_place(row),
        kind=word_of(SourceKind, row, "source_kind"),
        permit=row.get("permit"),
        pollutants=tuple(row.get("pollutants", ())),
        flow_m3_d=None if flow_m3_d is None else float(flow_m3_d),
        findings=int(row.get("findings", 0)),
        outfall=row.get("outfall"),
    )


def _section(row: Row) -> Section:
    kind = word_of(SectionKind, row, "section_kind")
    return Section(
        **_place(row),
        kind=kind,
        target=_target(row),
        station=row.get("station"),
        upstream_unit=row.get("upstream_unit"),
        downstream_unit=row.get("downstream_unit"),
    )


def _intake(row: Row) -> Intake:
    return Intake(
        **_place(row), use=word_of(IntakeUse, row, "use"), contact=str(row.get("contact", ""))
    )


def _board(row: Row) -> SignBoard:
    renewed_at = row.get("renewed_at")
    return SignBoard(
        **_place(row),
        hotline=str(row.get("hotline", "")),
        renewed_at=None if renewed_at is None else _instant(renewed_at),
    )


def _river(row: Row) -> River:
    return River(row["code"], row["name"], row["name_en"], row.get("official_code"))


def _lake(row: Row) -> Lake:
    if row["geometry"].get("type") != "Polygon":
        raise ValueError("its geometry must be a Polygon")
    ring = _pairs(row["geometry"]["coordinates"][0])
    return Lake(
        code=row["code"],
        name=row["name"],
        name_en=row["name_en"],
        kind=word_of(LakeKind, row, "lake_kind"),
        target=_target(row),
        shore=ring[:-1] if ring and ring[0] == ring[-1] else ring,
        outlet=row.get("outlet"),
        official_code=row.get("official_code"),
    )


def _unit(row: Row) -> Unit:
    level = level_named(row["level"])
    return Unit(row["code"], row["name"], row["name_en"], level, row.get("parent"))


def _department(row: Row) -> Department:
    subject = word_of(Subject, row, "subject")
    return Department(row["code"], row["name"], row["name_en"], row["unit"], subject)


def _person(row: Row) -> Person:
    return Person(row["code"], row["name"])


def _post(row: Row) -> Post:
    return Post(
        code=row["code"],
        title=row["title"],
        title_en=row["title_en"],
        level=level_named(row["level"]),
        reaches=tuple(row.get("reaches", ())),
        lakes=tuple(row.get("lakes", ())),
        unit=row.get("unit"),
    )


def _tenure(row: Row) -> Tenure:
    until = row.get("until")
    return Tenure(row["post"], row["person"], _instant(row["since"]), until and _instant(until))


def _instant(value: datetime | str) -> datetime:
    """An instant of TOML, or of JSON, where it is a text."""
    value = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(
            f"{value!r} must be a date-time with its offset: 2026-01-01T00:00:00+08:00"
        )
    return value.astimezone(UTC)


# Each kind of row: what makes its object, and the table of the registry that it goes to. First the
# features of `reaches.geojson`, then the tables of `duty.toml`.
MAP: dict[str, tuple[Maker, str]] = {
    "river": (_river, "rivers"),
    "reach": (_reach, "reaches"),
    "lake": (_lake, "lakes"),
    "station": (_station, "stations"),
    "outfall": (_outfall, "outfalls"),
    "source": (_source, "sources"),
    "section": (_section, "sections"),
    "intake": (_intake, "intakes"),
    "board": (_board, "boards"),
}
DUTY: dict[str, tuple[Maker, str]] = {
    "unit": (_unit, "units"),
    "department": (_department, "departments"),
    "post": (_post, "posts"),
    "person": (_person, "persons"),
    "tenure": (_tenure, "tenures"),
}
