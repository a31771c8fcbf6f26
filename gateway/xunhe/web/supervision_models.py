"""What supervision answers: lists, lights, scores, reports. It takes: supervision_said."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from xunhe.desk.indicators import Rate
from xunhe.desk.lights import Light, Why
from xunhe.desk.patrols import Means
from xunhe.desk.scores import Ground
from xunhe.desk.tasks import ListKind
from xunhe.domain.offices import Level
from xunhe.domain.ticket import Source
from xunhe.web.models import Instant, TicketView


def _label(value: object) -> object:
    return getattr(value, "label", value)


def _level_name(level: Level) -> str:
    return level.name.lower()


PeriodLabel = Annotated[str, BeforeValidator(_label)]
LevelName = Annotated[Level, PlainSerializer(_level_name, return_type=str)]


class _View(BaseModel):
    """Made of the attributes of a value of the desk."""

    model_config = ConfigDict(from_attributes=True)


class ListedView(TicketView):
    """A ticket of the list and its light now; a closed one has no light."""

    light: Light | None


class TicketPage(BaseModel):
    """Tickets that pass the filters, the newest first."""

    total: int
    items: list[ListedView]


class LightCounts(BaseModel):
    """How many matters have which light."""

    green: int = 0
    yellow: int = 0
    red: int = 0


class UnitLights(BaseModel):
    """A unit's lights, and those of its posts."""

    unit: str
    name: str
    lights: LightCounts
    posts: dict[str, LightCounts]


class TaskView(BaseModel):
    """A task of the first or second list and how it stands."""

    code: str
    list: ListKind
    year: int
    title: str
    river: str
    unit: str
    post: str
    measure: str
    targets: tuple[float, ...]
    done: float
    progress: float = Field(description="Fraction done")
    planned: float = Field(description="序时进度: the fraction that is to be done by now")
    due_at: Instant
    closed_at: Instant | None
    is_difficult: bool
    budget_yuan: float | None
    light: Light
    why: Why


class Board(BaseModel):
    """Every open ticket and the tasks of the year by their lights."""

    at: Instant
    tickets: LightCounts
    tasks: LightCounts
    units: list[UnitLights]


class RowView(_View):
    """One matter of a circular."""

    subject: str
    unit: str
    post: str
    light: Light
    why: Why
    is_difficult: bool


class CircularView(_View):
    """The circular of a month; what is green and not difficult is counted only."""

    month: PeriodLabel
    units: dict[str, dict[Light, int]]
    posts: dict[str, dict[Light, int]]
    rows: list[RowView]


class LineView(_View):
    """One line of a score."""

    ground: Ground
    count: float
    points: float


class ScoreView(_View):
    """A score and what it is made of."""

    base: float
    total: float
    lines: list[LineView]


class ScoresView(BaseModel):
    """Scores of a period from the log; `differences`: published circulars that it contradicts."""

    period: str
    units: dict[str, ScoreView]
    posts: dict[str, ScoreView]
    differences: list[str]


def _rate(value: object) -> object:
    if isinstance(value, Rate):
        return {"part": value.part, "whole": value.whole, "value": value.value}
    return value


class RateView(BaseModel):
    """A part of a whole; `value` is null (n/a) where the whole is nothing."""

    part: int
    whole: int
    value: float | None


RateField = Annotated[RateView, BeforeValidator(_rate)]


class IndicatorsView(_View):
    """The five indicators."""

    patrol: RateField
    discovery: RateField
    disposal: RateField
    water: RateField
    satisfaction: RateField


class HandlingView(_View):
    """Hours from discovery to closing."""

    category: str
    closed: int
    mean_h: float
    median_h: float
    p90_h: float


class OfLevelView(_View):
    """One level of chiefs."""

    level: LevelName
    posts: int
    patrols: int
    patrol: RateField
    found: int
    severe_found: int
    severe_by_others: int
    missed: int


class NotSeenView(_View):
    """What others found and patrols did not."""

    category: str
    sensors: int
    public: int
    inspections: int
    missed: int


class ExposureView(_View):
    """The third list."""

    year: int
    exposed: int
    closed: int
    still_open: int


class ProgressView(_View):
    """Tasks in figures."""

    total: int
    done: int
    mean: float | None


class LookBackView(_View):
    """A quarter's sample and what was found."""

    quarter: PeriodLabel
    tickets: list[int]
    drawn_from: int
    held: list[int]
    failed: list[int]
    waiting: list[int]


class ReportView(_View):
    """The report of a month, quarter or year."""

    period: PeriodLabel
    as_of: Instant
    found: int
    closed: int
    still_open: int
    dismissed: int
    by_source: dict[Source, int]
    indicators: IndicatorsView
    handling: list[HandlingView]
    levels: list[OfLevelView]
    not_seen: list[NotSeenView]
    lights: dict[str, dict[Light, int]]
    steps: dict[str, int]
    exposure: ExposureView
    major: ProgressView
    measures: ProgressView
    lookbacks: list[LookBackView]
    late_returns: list[str]
    missing_returns: list[str]


class PatrolView(_View):
    """A patrol."""

    post: str
    reaches: list[str]
    means: Means
    started_at: Instant
    ended_at: Instant
    length_m: float
    problems: list[int]
    note: str


class ProposalView(BaseModel):
    """A step of the ladder that waits for a person."""

    subject: str
    title: str
    rung: int
    unit: str
    post: str
    reason: str
    proposed_at: Instant


class Entered(BaseModel):
    """How many comparisons of a year's water were entered: those that were not there already."""

    year: int
    entered: int


class Kept(BaseModel):
    """What was written into the log."""

    seq: int
    kind: str
    subject: str
    at: Instant
    data: dict[str, Any]
