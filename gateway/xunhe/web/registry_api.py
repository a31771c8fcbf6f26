"""What the registry says of offices and places beside the river, and the tree of problems."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from xunhe.adapters.store import handovers
from xunhe.desk.categories import OF_SIGHT, TREE, Category, lead
from xunhe.domain.boundary import answering_unit
from xunhe.domain.duty import Duty
from xunhe.domain.registry import Registry
from xunhe.domain.riverside import Section
from xunhe.domain.sign_board import SignBoard, outdated_since
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS
from xunhe.web.models import Instant

router = APIRouter(prefix="/api/v1", tags=["desk"], responses=ERRORS)


class CategoryView(BaseModel):
    """A kind of problem."""

    code: str
    group_zh: str
    zh: str
    en: str
    lead: str = Field(description="Subject of the department that leads, such as `water`")
    lead_zh: str
    accuses: bool = Field(description="A machine's finding of it waits for a person")
    seen_as: list[str] = Field(description="Classes of the models that are this problem")


class BoardView(BaseModel):
    """A sign board, and since when it names somebody who has left."""

    code: str
    name: str
    name_en: str
    reach: str
    lon: float
    lat: float
    hotline: str
    renewed_at: Instant | None
    outdated_since: Instant | None


class SectionView(BaseModel):
    """A section; `answers` is the unit whose water it is, of a boundary."""

    code: str
    name: str
    name_en: str
    reach: str
    kind: str
    target: str
    upstream_unit: str | None
    downstream_unit: str | None
    answers: str | None


@router.get("/categories", operation_id="listCategories")
def categories(console: ConsoleDep) -> list[CategoryView]:
    """The tree of problems with who leads in each, here."""
    leads = console.registry.leads
    return [
        CategoryView(
            code=each.code,
            group_zh=group.zh,
            zh=each.zh,
            en=each.en,
            lead=(leader := lead(each.code, leads)).value,
            lead_zh=leader.label_zh,
            accuses=each.accuses,
            seen_as=_seen_as(each),
        )
        for group in TREE
        for each in group.categories
    ]


@router.get("/sign-boards", operation_id="listSignBoards")
def sign_boards(console: ConsoleDep) -> list[BoardView]:
    """Every sign board (公示牌), and whether it still names the chiefs of its reach."""
    registry = console.registry
    with console.database.read() as connection:
        duty = handovers.duty(connection, registry)
    now = console.clock.now()
    return [
        BoardView(
            code=board.code,
            name=board.name,
            name_en=board.name_en,
            reach=board.reach,
            lon=board.lon_lat[0],
            lat=board.lon_lat[1],
            hotline=board.hotline,
            renewed_at=board.renewed_at,
            outdated_since=outdated_since(board, _changes(registry, board, duty), now),
        )
        for board in registry.boards.values()
    ]


@router.get("/sections", operation_id="listSections")
def sections(console: ConsoleDep) -> list[SectionView]:
    """Every section (断面); at a boundary, the unit that the water comes from answers for it."""
    return [_section(section) for section in console.registry.sections.values()]


def _seen_as(category: Category) -> list[str]:
    return [label for label, code in OF_SIGHT.items() if code == category.code]


def _changes(registry: Registry, board: SignBoard, duty: Duty) -> list[Instant]:
    """The instants at which a post of its reach changed hands."""
    return [at for post in registry.posts_of(board.reach) for at in duty.changes(post.code)]


def _section(section: Section) -> SectionView:
    return SectionView(
        code=section.code,
        name=section.name,
        name_en=section.name_en,
        reach=section.reach,
        kind=section.kind.value,
        target=section.target.label,
        upstream_unit=section.upstream_unit,
        downstream_unit=section.downstream_unit,
        answers=answering_unit(section),
    )
