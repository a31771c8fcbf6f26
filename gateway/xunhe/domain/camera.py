"""A camera by the river: where it stands and where its streams come from."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of a reach; `position_m` is the distance from the head of its reach.

    `url` and `substream` may hold a password: neither goes into a log, a page or `repr`. The
    substream is what is decoded where there is one. `zones` names a file beside the registry.
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

    @property
    def watched(self) -> str:
        """The address of the stream that is decoded."""
        return self.substream or self.url
