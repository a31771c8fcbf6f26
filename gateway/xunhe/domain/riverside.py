"""What lies along a river beside stations and outfalls: sources, sections, intakes."""

from dataclasses import dataclass
from enum import StrEnum

from xunhe.domain.classes import WaterClass


class SourceKind(StrEnum):
    """What a pollution source is."""

    LIVESTOCK = "livestock"  # 畜禽养殖
    AQUACULTURE = "aquaculture"  # 水产养殖
    SEWAGE_PLANT = "sewage_plant"  # 污水处理厂
    SEWER_OVERFLOW = "sewer_overflow"  # 污水管网溢流口
    HOUSEHOLDS = "households"  # 农村生活污水
    FOOD = "food"  # 食品加工
    CHEMICAL = "chemical"  # 化工
    METAL = "metal"  # 电镀与金属加工
    STORM_DRAIN = "storm_drain"  # 雨水口
    CONSTRUCTION = "construction"  # 建筑工地
    FARMLAND = "farmland"  # 农田退水
    OTHER = "other"  # 其他

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return _KINDS_ZH[self]

    @property
    def label_en(self) -> str:
        """The same in English."""
        return self.value.replace("_", " ")


_KINDS_ZH = {
    SourceKind.LIVESTOCK: "畜禽养殖",
    SourceKind.AQUACULTURE: "水产养殖",
    SourceKind.SEWAGE_PLANT: "污水处理厂",
    SourceKind.SEWER_OVERFLOW: "污水管网溢流口",
    SourceKind.HOUSEHOLDS: "农村生活污水",
    SourceKind.FOOD: "食品加工",
    SourceKind.CHEMICAL: "化工",
    SourceKind.METAL: "电镀与金属加工",
    SourceKind.STORM_DRAIN: "雨水口",
    SourceKind.CONSTRUCTION: "建筑工地",
    SourceKind.FARMLAND: "农田退水",
    SourceKind.OTHER: "其他污染源",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A pollution source and its file (一口一档).

    `position_m` is where its water reaches the river, from the head of the reach; `outfall` the
    registered outfall that it drains by, if any. `pollutants` are properties such as `nh3n_mg_l`;
    none means that the file does not say. `flow_m3_d` is the waste water of a usual day, None where
    it is not known. `permit` is the number of its permit, None where it has none. `findings` counts
    the violations in its file.
    """

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float
    lon_lat: tuple[float, float]
    kind: SourceKind
    permit: str | None = None
    pollutants: tuple[str, ...] = ()
    flow_m3_d: float | None = None
    findings: int = 0
    outfall: str | None = None


class SectionKind(StrEnum):
    """Who assesses a section."""

    NATIONAL = "national"  # 国控
    PROVINCIAL = "provincial"  # 省控
    CITY = "city"  # 市控
    BOUNDARY = "boundary"  # 交界断面

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {"national": "国控", "provincial": "省控", "city": "市控", "boundary": "交界"}[self]


@dataclass(frozen=True, slots=True)
class Section:
    """A section (断面) at which the river is assessed; `station` is the buoy that stands there.

    A boundary section lies between `upstream_unit` and `downstream_unit`, codes of units.
    """

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float
    lon_lat: tuple[float, float]
    kind: SectionKind
    target: WaterClass
    station: str | None = None
    upstream_unit: str | None = None
    downstream_unit: str | None = None


class IntakeUse(StrEnum):
    """What an intake's water is for."""

    DRINKING = "drinking"  # 饮用水
    IRRIGATION = "irrigation"  # 灌溉
    INDUSTRY = "industry"  # 工业

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {"drinking": "饮用水", "irrigation": "灌溉", "industry": "工业"}[self]


@dataclass(frozen=True, slots=True)
class Intake:
    """Where water is taken out of the river (取水口); `contact` is a duty desk, not a person."""

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float
    lon_lat: tuple[float, float]
    use: IntakeUse
    contact: str = ""
