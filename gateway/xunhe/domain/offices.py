"""Who is in charge on land: units of administration, and their departments by subject."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Level(IntEnum):
    """Levels of the river-chief system (四级河长), the highest first."""

    CITY = 1
    DISTRICT = 2
    TOWNSHIP = 3
    VILLAGE = 4

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return ("市级", "区级", "镇级", "村级")[self - 1]

    @property
    def label_en(self) -> str:
        """The same in English."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of administration (单位): a city, district, township or village.

    `parent` is the unit above it; None for the highest one that is registered.
    """

    code: str
    name: str
    name_en: str
    level: Level
    parent: str | None = None


class Subject(StrEnum):
    """What a department is in charge of (部门职责)."""

    WATER = "water"  # 水利: 岸线、工程
    ENVIRONMENT = "environment"  # 生态环境: 监测、执法、溯源
    AGRICULTURE = "agriculture"  # 农业农村: 面源
    LAND = "land"  # 自然资源: 占岸
    HOUSING = "housing"  # 住建: 污水管网
    POLICE = "police"  # 公安: 违法
    TRANSPORT = "transport"  # 交通: 码头、桥梁

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return _SUBJECTS[self][0]

    @property
    def label_en(self) -> str:
        """The same in English."""
        return _SUBJECTS[self][1]


_SUBJECTS = {
    Subject.WATER: ("水利", "water resources"),
    Subject.ENVIRONMENT: ("生态环境", "ecology and environment"),
    Subject.AGRICULTURE: ("农业农村", "agriculture and rural affairs"),
    Subject.LAND: ("自然资源", "natural resources"),
    Subject.HOUSING: ("住建", "housing and construction"),
    Subject.POLICE: ("公安", "public security"),
    Subject.TRANSPORT: ("交通", "transport"),
}


@dataclass(frozen=True, slots=True)
class Department:
    """A department (部门) of a unit; it handles problems but answers for no reach."""

    code: str
    name: str
    name_en: str
    unit: str
    subject: Subject


def lineage(unit: str, units: Mapping[str, Unit]) -> list[Unit]:
    """A unit and those above it, itself first. KeyError where one of them is not registered."""
    found = [units[unit]]
    while (parent := found[-1].parent) is not None:
        found.append(units[parent])
    return found


def unit_problems(units: Mapping[str, Unit]) -> Iterator[str]:
    """Every unit's parent is registered and stands above it; so no lineage is a circle."""
    for unit in units.values():
        if unit.parent is None:
            continue
        parent = units.get(unit.parent)
        if parent is None:
            yield f"unit {unit.code}: its parent {unit.parent} is not registered"
        elif parent.level >= unit.level:
            yield (
                f"unit {unit.code}: its parent {parent.code} ({parent.level.label_en}) must be"
                f" above {unit.level.label_en} level"
            )


def department_problems(
    departments: Mapping[str, Department], units: Mapping[str, Unit]
) -> Iterator[str]:
    """Every department belongs to a registered unit, and a unit has one for a subject."""
    taken: dict[tuple[str, Subject], str] = {}
    for department in departments.values():
        if department.unit not in units:
            yield f"department {department.code}: its unit {department.unit} is not registered"
        other = taken.setdefault((department.unit, department.subject), department.code)
        if other != department.code:
            yield (
                f"department {department.code}: {other} of unit {department.unit} is in charge of"
                f" {department.subject} already"
            )
