"""What the desk's part of the API takes and answers."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, field_validator

from xunhe.desk.machine import Action
from xunhe.desk.roles import Role
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Via
from xunhe.web.models import Instant, Reason

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
# What only the desk itself does, and what an upload does.
_NOT_ASKED = frozenset({Action.ANSWER, Action.RECOUNT, Action.ATTACH})


class StepAsked(BaseModel):
    """A step that somebody wants to take; what an action does not need is left out."""

    action: Action
    reason: Reason
    revision: int = Field(ge=1, description="The revision that the person looked at")
    handler: Code | None = Field(None, description="assign: code of a post or department")
    via: Via = Via.SYSTEM
    until: AwareDatetime | None = Field(None, description="suspend: until when at most")
    due_at: AwareDatetime | None = Field(None, description="ask_extension: the deadline wanted")
    into: int | None = Field(None, ge=1, le=2**53, description="merge: id of the other ticket")
    recipient: Code | None = Field(None, description="transfer: who receives it")

    @field_validator("action")
    @classmethod
    def _is_a_persons(cls, action: Action) -> Action:
        if action in _NOT_ASKED:
            raise ValueError(f"{action.value} is no step of this form")
        return action


class ProblemFound(BaseModel):
    """A problem that a person reports (巡河发现、暗访、12345 …)."""

    key: Code = Field(description="Chosen by the caller: the same key twice is one ticket")
    source: Literal["drone", "chief", "inspection", "12345"]
    category: Code
    severity: Severity = Severity.MINOR
    reach: Code
    reason: Reason = Field(description="What was found; kept in the log: no names, no telephones")
    lon: float | None = Field(None, ge=-180, le=180, description="WGS-84")
    lat: float | None = Field(None, ge=-90, le=90)
    campaign: Annotated[str, Field(max_length=64)] = ""
    is_difficult: bool = False
    handler: Code | None = Field(None, description="现场交办: accept and assign at once")

    @property
    def lon_lat(self) -> tuple[float, float] | None:
        """The place, where both are given."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


class MemberAdded(BaseModel):
    """A new account with its seat."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=10, max_length=1024)]
    person: Code | None = Field(None, description="Code in the registry: his posts are his")
    role: Role | None = None
    code: Code | None = Field(None, description="Of his department or team")


class MemberView(BaseModel):
    """One account at the desk."""

    user: str
    personal_id: int
    person: str | None
    role: str | None
    code: str | None
    offices: list[str] = Field(description="In which he may act now")


class EntryView(BaseModel):
    """One entry of the desk's log."""

    seq: int
    at: Instant
    actor: str
    kind: str
    subject: str
    data: dict[str, Any]
    prev: str
    hash: str


class HeadView(BaseModel):
    """The newest entry of the log: keep it elsewhere, and the log can be checked against it."""

    seq: int
    hash: str
    at: datetime
