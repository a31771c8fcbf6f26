"""Which tables there are and what stands in their columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from xunhe.adapters.registry_tables.cells import (
    INSTANT,
    NOT_NEGATIVE,
    NUMBERS,
    PAIRS,
    POSITIVE,
    TEXT,
    TEXTS,
    WHOLE,
    Cell,
    bounded,
    words,
)
from xunhe.domain.classes import WaterClass
from xunhe.domain.offices import Level, Subject
from xunhe.domain.outfall_file import OutfallKind, Remedy
from xunhe.domain.registry import VelocityBasis
from xunhe.domain.riverside import IntakeUse, SectionKind, SourceKind
from xunhe.domain.water_bodies import LakeKind


class Shape(StrEnum):
    """The geometry of a row; its points stand in columns of their own."""

    NONE = "none"
    POINT = "Point"  # lon, lat
    LINE = "LineString"  # line
    POLYGON = "Polygon"  # shore


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `key` is the field of the row, `refers` the kind whose codes it names.

    A blank cell of a column with an `instead` takes the value of that other column.
    """

    key: str
    zh: str
    cell: Cell
    is_needed: bool = False
    refers: str | None = None
    instead: str | None = None

    @property
    def heading(self) -> str:
        """Both names, as an export writes them; an import takes either or both."""
        return f"{self.zh} {self.key}"

    def is_named(self, heading: str) -> bool:
        """Is this what stands above the column?"""
        return heading in (self.key, self.zh, self.heading)


@dataclass(frozen=True, slots=True)
class Table:
    """A kind of rows; `identity` names the columns that tell one row from another."""

    kind: str
    zh: str
    columns: tuple[Column, ...]
    shape: Shape = Shape.NONE
    identity: tuple[str, ...] = ("code",)

    def is_named(self, name: str) -> bool:
        """Is this what a file or sheet is called?"""
        return name in (self.kind, self.zh, f"{self.zh} {self.kind}", f"{self.kind}s")


class _Labelled(Protocol):
    value: str

    @property
    def label_zh(self) -> str: ...


def _labels(members: Iterable[_Labelled]) -> Cell:
    return words({member.value: member.label_zh for member in members})


_LEVEL = words({level.label_en: level.label_zh for level in Level})
_CLASS = words({each.name: each.label for each in WaterClass})
_CODE = Column("code", "编码", TEXT, is_needed=True)
_NAMED = (
    _CODE,
    Column("name", "名称", TEXT, is_needed=True),
    Column("name_en", "英文名", TEXT, instead="name"),
)
_PLACE = (
    *_NAMED,
    Column("reach", "所在河段", TEXT, is_needed=True, refers="reach"),
    Column("position_m", "距河段起点 m", NOT_NEGATIVE, is_needed=True),
    Column("lon", "经度", bounded(-180, 180), is_needed=True),
    Column("lat", "纬度", bounded(-90, 90), is_needed=True),
)
_TARGET = Column("target", "水质目标", _CLASS, is_needed=True)
_OFFICIAL = Column("official_code", "标准代码", TEXT)
_UNIT = Column("unit", "所属单位", TEXT, refers="unit")

_ALL = (
    Table("river", "河流", (*_NAMED, _OFFICIAL)),
    Table(
        "reach",
        "河段",
        (
            *_NAMED,
            Column("river", "河流", TEXT, is_needed=True),
            Column("downstream", "下游河段", TEXT, refers="reach"),
            Column("length_m", "长度 m", POSITIVE, is_needed=True),
            Column("velocity_m_s", "流速 m/s", POSITIVE, is_needed=True),
            Column("discharge_m3_s", "流量 m3/s", NOT_NEGATIVE, is_needed=True),
            Column("dispersion_m2_s", "离散系数 m2/s", NOT_NEGATIVE, is_needed=True),
            _TARGET,
            Column("velocity_basis", "流速来源", _labels(VelocityBasis)),
            Column("velocity_range_m_s", "流速范围 m/s", NUMBERS),
            Column("velocity_at_level", "水位流速关系", PAIRS),
            _OFFICIAL,
            Column("line", "中心线", PAIRS, is_needed=True),
        ),
        Shape.LINE,
    ),
    Table(
        "lake",
        "湖泊",
        (
            *_NAMED,
            Column("lake_kind", "类型", _labels(LakeKind), is_needed=True),
            _TARGET,
            Column("outlet", "出流河段", TEXT, refers="reach"),
            _OFFICIAL,
            Column("shore", "岸线", PAIRS, is_needed=True),
        ),
        Shape.POLYGON,
    ),
    Table(
        "station",
        "测站",
        (*_PLACE, Column("interval_s", "采样间隔 s", POSITIVE, is_needed=True)),
        Shape.POINT,
    ),
    Table(
        "outfall",
        "排污口",
        (
            *_PLACE,
            Column("outfall_kind", "类型", _labels(OutfallKind)),
            Column("owner", "责任主体", TEXT),
            Column("permit", "许可证号", TEXT),
            Column("flow_m3_d", "日排水量 m3", POSITIVE),
            Column("remedy", "整治措施", _labels(Remedy)),
            Column("stations", "监测浮标", TEXTS, refers="station"),
        ),
        Shape.POINT,
    ),
    Table(
        "source",
        "污染源",
        (
            *_PLACE,
            Column("source_kind", "类型", _labels(SourceKind), is_needed=True),
            Column("permit", "许可证号", TEXT),
            Column("pollutants", "污染因子", TEXTS),
            Column("flow_m3_d", "日排水量 m3", POSITIVE),
            Column("findings", "查实次数", WHOLE),
            Column("outfall", "入河排污口", TEXT, refers="outfall"),
        ),
        Shape.POINT,
    ),
    Table(
        "section",
        "断面",
        (
            *_PLACE,
            Column("section_kind", "类型", _labels(SectionKind), is_needed=True),
            _TARGET,
            Column("station", "测站", TEXT, refers="station"),
            Column("upstream_unit", "上游单位", TEXT, refers="unit"),
            Column("downstream_unit", "下游单位", TEXT, refers="unit"),
        ),
        Shape.POINT,
    ),
    Table(
        "intake",
        "取水口",
        (
            *_PLACE,
            Column("use", "用途", _labels(IntakeUse), is_needed=True),
            Column("contact", "值班联系", TEXT),
        ),
        Shape.POINT,
    ),
    Table(
        "board",
        "公示牌",
        (*_PLACE, Column("hotline", "监督电话", TEXT), Column("renewed_at", "更新时间", INSTANT)),
        Shape.POINT,
    ),
    Table(
        "unit",
        "单位",
        (
            *_NAMED,
            Column("level", "层级", _LEVEL, is_needed=True),
            Column("parent", "上级单位", TEXT, refers="unit"),
        ),
    ),
    Table(
        "department",
        "部门",
        (
            *_NAMED,
            Column("unit", "所属单位", TEXT, is_needed=True, refers="unit"),
            Column("subject", "职责", _labels(Subject), is_needed=True),
        ),
    ),
    Table(
        "post",
        "岗位",
        (
            _CODE,
            Column("title", "岗位名称", TEXT, is_needed=True),
            Column("title_en", "英文名", TEXT, instead="title"),
            Column("level", "层级", _LEVEL, is_needed=True),
            Column("reaches", "责任河段", TEXTS, refers="reach"),
            Column("lakes", "责任湖泊", TEXTS, refers="lake"),
            _UNIT,
        ),
    ),
    Table("person", "人员", (_CODE, Column("name", "姓名", TEXT, is_needed=True))),
    Table(
        "tenure",
        "任期",
        (
            Column("post", "岗位", TEXT, is_needed=True, refers="post"),
            Column("person", "人员", TEXT, is_needed=True, refers="person"),
            Column("since", "起", INSTANT, is_needed=True),
            Column("until", "止", INSTANT),
        ),
        identity=("post", "person", "since"),
    ),
)

TABLES: Mapping[str, Table] = MappingProxyType({table.kind: table for table in _ALL})


def table_named(name: str) -> Table | None:
    """The table that a file or sheet of this name holds: `outfall`, `outfalls` or 排污口."""
    return next((table for table in TABLES.values() if table.is_named(name.strip())), None)
