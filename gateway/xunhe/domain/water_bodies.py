"""Rivers and lakes as wholes: what reaches belong to, and still waters that have a chief too."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from xunhe.domain.classes import WaterClass
from xunhe.domain.codes import Coded, CodeError, check


@dataclass(frozen=True, slots=True)
class River:
    """A river (河流). Its reaches name it by `name`; `official_code` after DB34/T 3735.1."""

    code: str
    name: str
    name_en: str
    official_code: str | None = None


class LakeKind(StrEnum):
    """Whether a still water is a natural one."""

    LAKE = "lake"  # 湖泊
    RESERVOIR = "reservoir"  # 水库

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return {"lake": "湖泊", "reservoir": "水库"}[self]


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake or reservoir (湖泊、水库).

    `shore` is its outline, WGS-84 (lon, lat), without repeating the first point; `outlet` the reach
    that its water leaves by, None where it has none.
    """

    code: str
    name: str
    name_en: str
    kind: LakeKind
    target: WaterClass
    shore: tuple[tuple[float, float], ...]
    outlet: str | None = None
    official_code: str | None = None


def lake_problems(lakes: Mapping[str, Lake], reaches: Iterable[str]) -> Iterator[str]:
    """Every lake has an outline and, if any, a registered outlet; no code is also a reach's."""
    known = set(reaches)
    for lake in lakes.values():
        if len(lake.shore) < 3:
            yield f"lake {lake.code}: its shore has fewer than three points"
        if lake.outlet is not None and lake.outlet not in known:
            yield f"lake {lake.code}: its outlet, reach {lake.outlet}, is not registered"
        if lake.code in known:
            yield f"lake {lake.code}: a reach has this code already"


def river_problems(
    rivers: Mapping[str, River], names_of_reaches: Mapping[str, str]
) -> Iterator[str]:
    """Once rivers are registered, every reach belongs to one; `names_of_reaches`: reach → river."""
    names = {river.name for river in rivers.values()}
    if len(names) < len(rivers):
        yield "rivers: two of them have the same name, by which reaches could not tell them apart"
    for reach, river in names_of_reaches.items():
        if rivers and river not in names:
            yield f"reach {reach}: its river {river} is not registered"


def code_problems(codes: Iterable[tuple[Coded, str, str | None]]) -> Iterator[str]:
    """Official codes as (kind, whose, code or None): each of its form, none given twice."""
    taken: dict[str, str] = {}
    for kind, whose, code in codes:
        if code is None:
            continue
        try:
            check(kind, code)
        except CodeError as error:
            yield f"{kind} {whose}: {error}"
        if taken.setdefault(code, whose) != whose:
            yield f"{kind} {whose}: {taken[code]} has the official code {code} already"
