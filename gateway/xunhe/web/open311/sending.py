"""A request of GeoReport v2 becomes a citizen's report, by the same limits and checks."""

from collections.abc import Sequence
from datetime import timedelta

from starlette.datastructures import FormData

from xunhe.adapters.citizen_desk import Receipt
from xunhe.adapters.desk_photo import PhotoError
from xunhe.adapters.evidence import NoRoomError
from xunhe.desk.categories import UnknownCategoryError
from xunhe.desk.citizens import Report, UnfitReportError
from xunhe.domain.position import LonLat
from xunhe.web.console import Console
from xunhe.web.failures import CallerError
from xunhe.web.open311.door import Open311Door

_NO_WORDS = "（未填写说明 / no description）"


def admit(console: Console, door: Open311Door, sent: FormData) -> None:
    """Has the sender a key, and may he send now? CallerError 403 or 429."""
    key = door.key_of(text(sent, "api_key"))
    if key is None:
        raise CallerError(403, "api_key", "a valid api_key is required", "需要有效的 api_key")
    let_pass(door.wait(key, console.wall.now()))


def let_pass(wait: timedelta) -> None:
    """CallerError 429 unless there is nothing to wait for."""
    if wait:
        seconds = int(wait.total_seconds()) + 1
        failure = CallerError(429, "too_often", f"wait {seconds} s", f"请等待 {seconds} 秒")
        failure.headers["Retry-After"] = str(seconds)
        raise failure


def take_in(console: Console, sent: FormData, photos: Sequence[bytes]) -> Receipt:
    """Keep the report. Of what names its writer only `phone` is kept; nothing is fetched.

    CallerError 404 for an unknown service, 400 for what cannot be used, 507 on a full disk.
    """
    try:
        report = Report(
            category=text(sent, "service_code"),
            lon_lat=_position(sent),
            text=_words(sent),
            phone=text(sent, "phone"),
        )
        receipt = console.citizens.receive(console.database, report, photos, console.clock.now())
    except UnknownCategoryError as error:
        raise CallerError(404, "service_code", str(error), str(error)) from error
    except UnfitReportError as error:
        raise CallerError(400, "unfit", str(error), error.zh) from error
    except PhotoError as error:
        raise CallerError(400, "unfit", str(error), str(error)) from error
    except NoRoomError as error:
        raise CallerError(507, "disk_full", str(error), str(error)) from error
    console.live.notify()
    return receipt


def text(sent: FormData, name: str) -> str:
    """A field of a form; empty where it is missing or a file."""
    value = sent.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _words(sent: FormData) -> str:
    """The description, and where the sender keeps a picture: for the office to look at."""
    lines = [text(sent, "description") or _NO_WORDS]
    if address := text(sent, "address_string"):
        lines.append(f"地址 address: {address}")
    if url := text(sent, "media_url"):
        lines.append(f"图片 picture: {url}")
    return "\n".join(lines)


def _position(sent: FormData) -> LonLat:
    try:
        return float(text(sent, "long")), float(text(sent, "lat"))
    except ValueError:
        raise UnfitReportError("需要 lat 与 long。", "lat and long are required here.") from None
