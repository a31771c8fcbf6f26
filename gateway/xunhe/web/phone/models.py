"""What a telephone sends, and what it is told."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, model_validator

from xunhe.desk.patrols import Means
from xunhe.desk.track import MAX_FIXES
from xunhe.domain.incident import Severity
from xunhe.web.desk_models import Code
from xunhe.web.form_fields import none_if_blank
from xunhe.web.models import Instant, Reason

LONGEST_S = 24 * 3600.0


Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{32,36}$")]
Seconds = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
_Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Degrees = Annotated[_Degrees | None, BeforeValidator(none_if_blank)]
CodeIfAny = Annotated[Code | None, BeforeValidator(none_if_blank)]
FixSaid = Annotated[
    list[Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=4, max_length=4)
]


class ProblemBrought(BaseModel):
    """A problem that somebody found by the water. The same `key` twice is one ticket."""

    key: Key = Field(description="Chosen by the telephone: a UUID")
    category: Code
    reason: Reason = Field(description="What was found; kept in the log: no names, no telephones")
    severity: Severity = Severity.MINOR
    reach: CodeIfAny = Field(None, description="Left out: the nearest to the position")
    lon: Degrees = Field(None, description="WGS-84")
    lat: Degrees = None
    age_s: Seconds = Field(0, description="How long ago it was found, by the telephone's own clock")
    handler: CodeIfAny = Field(None, description="现场交办: accept and assign at once")

    @property
    def lon_lat(self) -> tuple[float, float] | None:
        """The place, where both are given."""
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


class WalkBrought(BaseModel):
    """A patrol as the telephone recorded it. The same `key` twice is one patrol."""

    key: Key
    post: Code
    means: Means = Means.ON_FOOT
    age_s: Seconds = Field(description="How long ago it ended")
    duration_s: Annotated[float, Field(gt=0, le=LONGEST_S)]
    fixes: Annotated[list[FixSaid], Field(max_length=MAX_FIXES)] = Field(
        description="[seconds since the start, longitude, latitude, accuracy in metres], WGS-84"
    )
    problems: Annotated[list[Key], Field(max_length=200)] = Field(
        [], description="Keys of the problems that were reported on the way"
    )
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        for since_start_s, lon, lat, accuracy_m in self.fixes:
            if not 0 <= since_start_s <= self.duration_s or accuracy_m < 0:
                raise ValueError("a fix lies outside of the patrol")
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                raise ValueError("a position cannot be")
        return self


class Taken(BaseModel):
    """What became of what was sent; `is_new` is false where it had come before."""

    id: int
    number: str
    is_new: bool


class PostSeat(BaseModel):
    """A post of whoever asks, and what its patrols must reach to count."""

    code: str
    title: str
    title_en: str
    least_minutes: float
    least_m: float


class ReachLine(BaseModel):
    """A reach that may be walked or reported."""

    code: str
    name: str
    name_en: str
    line: list[tuple[float, float]]


class HandlerName(BaseModel):
    """Somebody to whom a problem may be assigned on the spot."""

    code: str
    name: str
    name_en: str


class PhoneSession(BaseModel):
    """Who is logged in on this telephone, and what it needs to work without a network."""

    user: str
    csrf: str
    now: Instant = Field(description="The machine's time: a telephone may be wrong")
    posts: list[PostSeat]
    reaches: list[ReachLine]
    handlers: list[HandlerName]
    pages: list[str] = Field(description="Pages of the telephone that this account may open")
