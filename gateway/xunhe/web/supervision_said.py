"""What supervision takes: plans, decisions, returns. It answers: supervision_models."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from xunhe.desk.patrols import Means
from xunhe.desk.scores import Grade
from xunhe.desk.tasks import ListKind
from xunhe.web.desk_models import Code
from xunhe.web.models import Reason
from xunhe.web.supervision_models import PeriodLabel

Note = Annotated[str, Field(max_length=500)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


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
