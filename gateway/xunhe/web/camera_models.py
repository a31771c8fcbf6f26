"""What the API answers about cameras. Boxes and points are fractions 0..1 of the picture."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from xunhe.web.models import Instant

Fraction = Annotated[float, Field(ge=0, le=1)]
Box = tuple[float, float, float, float]
Point = tuple[float, float]
Polygon = list[Point]


class CameraView(BaseModel):
    """A camera and how it is. Its address is never told: it may hold a password."""

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float = Field(description="From the head of its reach")
    state: str = Field(
        examples=["live"],
        description="live, night, connecting, unreachable, wrong_password, stalled, …; blind: "
        "dark, covered, moved, frozen",
    )
    state_zh: str
    state_en: str
    next_step_zh: str
    next_step_en: str
    is_up: bool = Field(description="Frames arrive; those of a blind camera do too")
    is_blind: bool
    detail: str
    at: Instant | None = Field(description="When the camera was last heard of")
    counts: dict[str, float] = Field(
        description="received, decoded, gated, inferred, skipped, dropped (frames), age_s, "
        "latency_s, open_incidents"
    )


class OutfallChoice(BaseModel):
    """A registered outfall of the camera's reach."""

    code: str
    name: str
    name_en: str


class CameraDetail(CameraView):
    """A camera with the outfalls that its picture may show."""

    outfalls: list[OutfallChoice]


class FoundView(BaseModel):
    """What the detector found in the newest frame."""

    box: Box = Field(description="x0, y0, x1, y1")
    score: Fraction
    limit: float | None = Field(description="The score from which this label counts by itself")
    label: str
    label_zh: str
    label_en: str


class OutfallNow(BaseModel):
    """How an outfall looks now."""

    code: str
    state: str
    state_zh: str
    state_en: str
    score: float


class OverlayView(BaseModel):
    """What the pipeline makes of the newest frame; all empty before the first one."""

    at: Instant | None
    age_s: float | None
    is_live: bool = Field(description="Not older than ten seconds")
    width: int | None
    height: int | None
    gate: list[Box] = Field(description="Where something moved, so that it was looked at")
    found: list[FoundView]
    outfalls: list[OutfallNow]


class WaterZoneView(BaseModel):
    """Water in which floating things count."""

    name: str
    polygon: Polygon


class OutfallZoneView(BaseModel):
    """A mouth; `upstream` is clean water to compare with."""

    code: str
    name: str
    polygon: Polygon
    upstream: Polygon | None = None
    permitted_hours: list[tuple[str, str]] = Field(
        default=[], description="HH:MM from and until; past midnight where until < from"
    )
    rain_expected: Literal["lower", "same"] = Field(
        default="lower", description="What expected rain does to the severity"
    )


class BankZoneView(BaseModel):
    """A bank at which dumping is looked for."""

    name: str
    polygon: Polygon


class GroundView(BaseModel):
    """Four points of the water's surface, round its corners: in the picture and in metres."""

    px: Polygon = Field(min_length=4, max_length=4)
    m: list[Point] = Field(min_length=4, max_length=4)


class ZonesView(BaseModel):
    """What lies where in a camera's picture. Without water zones the whole picture is water."""

    version: Literal[1] = 1
    water: list[WaterZoneView] = []
    outfalls: list[OutfallZoneView] = []
    banks: list[BankZoneView] = []
    ignore: list[Polygon] = []
    flow: Point | None = Field(default=None, description="The current's direction in the picture")
    ground: GroundView | None = None
