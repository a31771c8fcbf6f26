"""What supervision answers and takes: lists, lights, circulars, scores, reports and steps."""

from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from xunhe.desk.indicators import Rate
from xunhe.desk.lights import Light, Why
from xunhe.desk.patrols import Means
from xunhe.desk.scores import Grade, Ground
from xunhe.desk.tasks import ListKind
from xunhe.domain.offices import Level
from xunhe.domain.ticket import Source
from xunhe.web.desk_models import Code
from xunhe.web.models import Instant, Reason, TicketView


def _label(value: object) -> object:
    return getattr(value, "label", value)


def _level_name(level: Level) -> str:
    return level.name.lower()


PeriodLabel = Annotated[str, BeforeValidator(_label)]
LevelName = Annotated[Level, PlainSerializer(_level_name, return_type=str)]
Note = Annotated[str, Field(max_length=500)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


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


class PatrolSaid(BaseModel):
    """A patrol that was made; sent twice, it is one."""

    post: Code
    reaches: Annotated[list[Code], Field(min_length=1, max_length=50)]
    means: Means = Means.ON_FOOT
    started_at: AwareDatetime
    ended_at: AwareDatetime
    length_m: Annotated[float, Field(ge=0, le=1_000_000)]
    problems: Annotated[list[Annotated[int, Field(ge=1, le=2**53)]], Field(max_length=200)] = []
    note: Note = ""


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


class PlanSaid(BaseModel):
    """A task of the first or second list. `targets`: reached by the end of each quarter."""

    list: ListKind
    year: Annotated[int, Field(ge=2000, le=2999)]
    title: Annotated[str, Field(min_length=1, max_length=200)]
    river: Annotated[str, Field(max_length=64)] = ""
    unit: Code
    post: Code
    measure: Annotated[str, Field(min_length=1, max_length=16)]
    targets: tuple[float, float, float, float]
    due_at: AwareDatetime
    is_difficult: bool = False
    budget_yuan: Annotated[float, Field(ge=0)] | None = None


class ProgressSaid(BaseModel):
    """How much is done so far, in the task's measure."""

    done: Annotated[float, Field(ge=0)]


class Noted(BaseModel):
    """A decision with its reason."""

    reason: Reason


class DueSaid(Noted):
    """A new deadline (延期、批示时限)."""

    due_at: AwareDatetime


class InspectionSaid(BaseModel):
    """What a look-back found."""

    quarter: PeriodLabel
    holds: bool
    note: Note = ""


class ReturnSaid(BaseModel):
    """A report that a unit hands in."""

    period: PeriodLabel
    text: Text


class MeetingSaid(BaseModel):
    """A dispatch meeting and its proof."""

    period: PeriodLabel
    proof: Text


class GradeSaid(BaseModel):
    """The grade of a unit for a year."""

    year: Annotated[int, Field(ge=2000, le=2999)]
    grade: Grade


class ProposalView(BaseModel):
    """A step of the ladder that waits for a person."""

    subject: str
    title: str
    rung: int
    unit: str
    post: str
    reason: str
    proposed_at: Instant


class Kept(BaseModel):
    """What was written into the log."""

    seq: int
    kind: str
    subject: str
    at: Instant
    data: dict[str, Any]
