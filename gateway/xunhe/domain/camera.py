"""A camera by the river: where it stands and where its streams come from.

A dome camera that tours its presets is one camera for each: what it shows there, the zones, the
incidents and even the reach are that view's own. The views take turns.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Turn:
    """When a view of a dome camera is seen: at a `preset` of the device whose service is `onvif`.

    It stays for `dwell_s`, and while something happens for at most `longest_s`. The address may
    hold a password.
    """

    onvif: str = field(repr=False)
    preset: str
    dwell_s: float = 60.0
    longest_s: float = 180.0

    def __post_init__(self) -> None:
        if not 0 < self.dwell_s <= self.longest_s:
            raise ValueError(f"preset {self.preset!r}: 0 < dwell_s <= longest_s must hold")


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of a reach; `position_m` is the distance from the head of its reach.

    `url` and `substream` may hold a password: neither goes into a log, a page or `repr`. The
    substream is what is decoded where there is one. `zones` names a file beside the registry.
    Views of one dome camera have the same `turn.onvif`.
    """

    code: str
    name: str
    name_en: str
    reach: str
    position_m: float
    lon_lat: tuple[float, float]
    url: str = field(repr=False)
    zones: str
    substream: str | None = field(default=None, repr=False)
    turn: Turn | None = None

    @property
    def watched(self) -> str:
        """The address of the stream that is decoded."""
        return self.substream or self.url

    @property
    def dome(self) -> str | None:
        """What its views have in common; None where it does not turn."""
        return self.turn.onvif if self.turn else None
