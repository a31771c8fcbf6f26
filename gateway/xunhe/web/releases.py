"""Releases of the buoys' firmware over the API: brought in, offered to stations, watched."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Base64Bytes, BaseModel, Field

from xunhe.adapters.release_intake import take_in
from xunhe.adapters.releases import ReleaseError, Releases
from xunhe.adapters.store import commands, devices, rollouts
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS, CallerError, NotFoundError
from xunhe.web.models import Instant

router = APIRouter(prefix="/api/v1/releases", tags=["devices"], responses=ERRORS)

Number = Annotated[int, Path(ge=1, le=0xFFFFFFFF)]
_LARGEST = 1 << 20  # bytes of a bundle, as the buoy takes it


class ReleaseSaid(BaseModel):
    """What `bundle.sign` made; the bundle in base64."""

    manifest: dict[str, Any]
    bundle: Annotated[Base64Bytes, Field(max_length=2 * _LARGEST)]


class OfferSaid(BaseModel):
    """To whom a release is offered."""

    stations: Annotated[list[str], Field(min_length=1, max_length=5000)]


class OfferView(BaseModel):
    """How far a release is at a station: queued, sent, accepted, staged, confirmed, rolled back or
    refused."""

    station: str
    device: str
    state: str
    reason: str | None
    at: Instant


class ReleaseView(BaseModel):
    """A release and where it was offered."""

    release: int
    version: str
    board: str
    offers: list[OfferView]


@router.post("", operation_id="postRelease", status_code=201, responses=WRITE_ERRORS)
def post_release(console: ConsoleDep, said: ReleaseSaid) -> ReleaseView:
    """Keep a signed release; each number once. The buoys check the signature."""
    try:
        take_in(console.releases, said.manifest, said.bundle)
    except ReleaseError as error:
        raise CallerError(409, "release", str(error), "不能收下这个发布包") from error
    return _view(console, int(said.manifest["release"]))


@router.post("/{release}/offers", operation_id="offerRelease", responses=WRITE_ERRORS)
def offer(console: ConsoleDep, release: Number, said: OfferSaid) -> ReleaseView:
    """Queue the release for stations; one that has it on offer already is passed over."""
    manifest = _manifest(console, release)
    now = console.clock.now()
    with console.database.write() as connection:
        has_it = {offer.station for offer in rollouts.offers(connection, release)}
        for station in dict.fromkeys(said.stations):
            enrolled = devices.at_station(connection, station)
            if enrolled is None:
                raise NotFoundError("device at", "设备，测站", station)
            if station not in has_it:
                content = {"update": manifest}
                commands.queue(connection, enrolled.device, station, content, now)
    return _view(console, release)


@router.get("/{release}", operation_id="getRelease", responses=NOT_FOUND)
def get_release(console: ConsoleDep, release: Number) -> ReleaseView:
    """A release and how far it has come."""
    return _view(console, release)


def _manifest(console: ConsoleDep, release: int) -> dict[str, Any]:
    try:
        return Releases(console.releases).manifest(release)
    except ReleaseError as error:
        raise NotFoundError("release", "发布包", release) from error


def _view(console: ConsoleDep, release: int) -> ReleaseView:
    manifest = _manifest(console, release)
    with console.database.read() as connection:
        found = rollouts.offers(connection, release)
    return ReleaseView(
        release=release,
        version=manifest["version"],
        board=manifest["board"],
        offers=[OfferView.model_validate(one, from_attributes=True) for one in found],
    )
