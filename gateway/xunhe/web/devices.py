"""Buoys over the API: their keys, always sealed, and the certificates of their calibrations.

The technician's tool calls this. A key that comes in is readable for this gateway only, whatever
carried it; none ever goes out.
"""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Base64Bytes, BaseModel, ConfigDict, Field

from xunhe.adapters import enrolling
from xunhe.adapters.enrolment_seal import MOST_BYTES, SealError
from xunhe.adapters.store import calibrations, devices
from xunhe.adapters.store.calibrations import KeptCalibration
from xunhe.adapters.store.enrolments import EnrolmentError
from xunhe.web.api import actor
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, WRITE_ERRORS, CallerError, NotFoundError
from xunhe.web.models import Instant

router = APIRouter(prefix="/api/v1/devices", tags=["devices"], responses=ERRORS)

Address = Annotated[str, Field(pattern="^[0-9a-f]{12}$")]
Word = Annotated[str, Field(min_length=1, max_length=120)]
_MOST_CONTENT = 20_000  # characters of a certificate


class SealKeyView(BaseModel):
    """To whom a technician's tool seals keys; compare the fingerprint by telephone."""

    public_key: str
    fingerprint: str


class EnrolmentSaid(BaseModel):
    """The file of `xunhe buoy provision --carry`, in base64."""

    sealed: Annotated[Base64Bytes, Field(max_length=2 * MOST_BYTES)]


class EnrolledView(BaseModel):
    """`first_boot`: the boot number at which the board is to begin, so that it repeats none."""

    device: str
    station: str
    has_replaced: bool = Field(description="A key that was in force before is revoked")
    first_boot: int


class DeviceView(BaseModel):
    """An enrolled device."""

    device: str
    station: str
    enrolled_at: Instant


class CertificateSaid(BaseModel):
    """The JSON of a certificate; what the gateway does not sort by is kept as it is."""

    model_config = ConfigDict(extra="allow")

    certificate: Word
    station: Word
    device: Address
    probe: Word
    quantity: Word
    at: AwareDatetime
    due_at: AwareDatetime


class CertificateView(BaseModel):
    """A certificate as it is kept."""

    certificate: str
    received_at: Instant
    actor: str
    content: dict[str, Any]


@router.get("/seal-key", operation_id="getSealKey")
def seal_key(console: ConsoleDep) -> SealKeyView:
    """The public key to which new devices' keys are sealed."""
    with console.database.write() as connection:
        key = enrolling.sealing_key(connection, console.wall.now())
    return SealKeyView(public_key=key.hex(), fingerprint=fingerprint(key))


@router.get("", operation_id="listDevices")
def list_devices(console: ConsoleDep) -> list[DeviceView]:
    """The enrolled devices by their stations; no keys."""
    with console.database.read() as connection:
        rows = devices.enrolled(connection)
    return [
        DeviceView(device=device.device, station=device.station, enrolled_at=at)
        for device, at in rows
    ]


@router.post("", operation_id="enrolDevice", status_code=201, responses=WRITE_ERRORS)
def enrol(console: ConsoleDep, said: EnrolmentSaid) -> EnrolledView:
    """Put a device's key in force; the key before it is revoked in the same instant."""
    now = console.clock.now()
    with console.database.write() as connection:
        try:
            enrolment = enrolling.open_sealed(connection, said.sealed, now)
            done = enrolling.put_in_force(
                connection, console.registry, enrolment, now, is_carried=False
            )
        except SealError as error:
            raise CallerError(422, "sealed", str(error), "密封的登记无法打开") from error
        except EnrolmentError as error:
            raise CallerError(409, "enrolment", str(error), "不能登记这个密钥") from error
    return EnrolledView(
        device=done.device,
        station=done.station,
        has_replaced=done.has_replaced,
        first_boot=done.first_boot,
    )


@router.post(
    "/{device}/calibrations",
    operation_id="postCalibration",
    status_code=201,
    responses=WRITE_ERRORS,
)
def post_calibration(
    console: ConsoleDep, request: Request, device: Address, said: CertificateSaid
) -> CertificateView:
    """Keep the certificate of a calibration; said again, it is kept once."""
    content = said.model_dump(mode="json")
    kept = KeptCalibration(
        said.certificate,
        said.station,
        said.device,
        said.probe,
        said.quantity,
        said.at,
        said.due_at,
        actor(request),
        console.wall.now(),
        content,
    )
    with console.database.write() as connection:
        if said.device != device or devices.find(connection, device) is None:
            raise NotFoundError("device", "设备", device)
        if len(str(content)) > _MOST_CONTENT:
            raise CallerError(422, "too_long", "the certificate is too long", "证书过长")
        calibrations.keep(connection, kept)
    return _view(kept)


@router.get("/{device}/calibrations", operation_id="listCalibrations")
def list_calibrations(console: ConsoleDep, device: Address) -> list[CertificateView]:
    """The certificates of a device, newest first."""
    with console.database.read() as connection:
        return [_view(kept) for kept in calibrations.of_device(connection, device)]


def fingerprint(key: bytes) -> str:
    """What two people compare by telephone: 16 hexadecimal digits in fours."""
    digest = hashlib.sha256(key).hexdigest()[:16]
    return " ".join(digest[i : i + 4] for i in range(0, 16, 4))


def _view(kept: KeptCalibration) -> CertificateView:
    return CertificateView(
        certificate=kept.certificate,
        received_at=kept.received_at,
        actor=kept.actor,
        content=kept.content,
    )
