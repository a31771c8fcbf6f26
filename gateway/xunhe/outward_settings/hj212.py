"""HJ 212: links to platforms of environmental offices, and stations that report to this gateway."""

from datetime import timedelta, timezone
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from xunhe.outward_settings.notify import Filled, Name
from xunhe.settings import Port, Positive, Section

Mn = Annotated[str, Field(pattern=r"^[^\s;,=&]{1,24}$")]
Pw = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,6}$")]
St = Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,6}$")]
DialectName = Literal["2017", "2005", "surface-water-2017"]
Upload = Literal["2011", "2051", "2061", "2031"]
MinInterval = Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30]


class Zoned(Section):
    """The standard names no time zone."""

    zone_hours: Annotated[float, Field(ge=-12, le=14)] = 8

    @property
    def zone(self) -> timezone:
        """Of all instants that are written on this link."""
        return timezone(timedelta(hours=self.zone_hours))


class Hj212StationSettings(Section):
    """A station of ours as the platform knows it."""

    station: Filled
    mn: Mn
    pw: Pw = Field(repr=False)
    st: St = "21"


class Hj212Settings(Zoned):
    """A platform. What it may change itself (CN 1000 to 1072) begins as it stands here.

    `window`: uploads under way at once; 1 waits for each answer. `answers = false` asks for none:
    then what the machine has sent counts as arrived, which is no proof. `codes` adds or replaces
    factor codes by property.
    """

    name: Name
    host: Filled
    port: Port
    dialect: DialectName = "2017"
    station: tuple[Hj212StationSettings, ...] = Field(min_length=1)
    sends: tuple[Upload, ...] = ("2011", "2051", "2061", "2031")
    answers: bool = True
    window: Annotated[int, Field(ge=1, le=64)] = 8
    over_time_s: Annotated[float, Field(gt=0, le=99)] = 10
    re_count: Annotated[int, Field(ge=1, le=99)] = 3
    rtd_interval_s: Annotated[int, Field(ge=30, le=3600)] = 30
    min_interval: MinInterval = 10
    codes: dict[str, Code] = Field(default_factory=dict)
    asks_time: bool = False
    live_s: Positive = 120

    @model_validator(mode="after")
    def _stations_are_told_apart(self) -> Self:
        for what in ("station", "mn"):
            found = [getattr(each, what) for each in self.station]
            if len(set(found)) < len(found):
                raise ValueError(f"link {self.name}: two stations have the same {what}")
        return self


class Hj212SenderSettings(Section):
    """A station of others: its values become external values at `place`."""

    mn: Mn
    pw: Pw = Field(repr=False)
    place: Filled


class Hj212InSettings(Zoned):
    """Where stations of others report to. `takes`: what becomes values; the rest is answered and
    counted."""

    host: str = "127.0.0.1"
    port: Port = 9212
    dialect: DialectName = "2017"
    takes: tuple[Upload, ...] = ("2011",)
    station: tuple[Hj212SenderSettings, ...] = Field(min_length=1)
    most_connections: Annotated[int, Field(ge=1, le=10_000)] = 500
    idle_s: Positive = 7200

    @model_validator(mode="after")
    def _stations_are_told_apart(self) -> Self:
        found = [each.mn for each in self.station]
        if len(set(found)) < len(found):
            raise ValueError("hj212_in: two stations have the same mn")
        return self
