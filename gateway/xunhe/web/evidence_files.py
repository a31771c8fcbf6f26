"""The files of evidence, by their SHA-256: as they are, and with faces and plates hidden.

Only what a row names is given. The name is the content, so that a browser may keep it for good.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse, Response

from xunhe.adapters.blur import thumbnail_of
from xunhe.adapters.evidence import JPEG, EvidenceError
from xunhe.adapters.store import evidence
from xunhe.adapters.store.evidence import EvidenceRow
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import CallerError, NotFoundError

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]

router = APIRouter(include_in_schema=False)


@router.api_route("/evidence/{sha256}", methods=["GET", "HEAD"])
def original(console: ConsoleDep, sha256: Digest) -> Response:
    """The file as it was kept; parts of it where a player asks for a range."""
    row = _named(console, sha256)
    if console.evidence is None:
        raise _gone(sha256)
    try:
        path = console.evidence.find(sha256)
    except EvidenceError as error:
        raise _gone(sha256) from error
    return FileResponse(
        path,
        media_type=row.media_type,
        filename=f"evidence-{sha256[:12]}{path.suffix}",
        content_disposition_type="inline",
    )


@router.api_route("/evidence/{sha256}/blurred", methods=["GET", "HEAD"])
def blurred(console: ConsoleDep, sha256: Digest) -> Response:
    """A picture with faces and number plates hidden."""
    row = _named(console, sha256)
    if row.media_type != JPEG:
        raise NotFoundError("blurred picture", "遮挡图", sha256)
    if console.blurred is None:
        raise _gone(sha256)
    try:
        data = console.blurred.get(sha256)
    except (EvidenceError, ValueError) as error:
        raise _gone(sha256) from error
    return Response(data, media_type=JPEG)


@router.api_route("/evidence/{sha256}/thumbnail", methods=["GET", "HEAD"])
def thumbnail(console: ConsoleDep, sha256: Digest) -> Response:
    """A small form of the blurred picture, for lists."""
    picture = bytes(blurred(console, sha256).body)
    small = console.shared.get(("thumbnail", sha256), 1, lambda: thumbnail_of(picture))
    return Response(small, media_type=JPEG)


def _named(console: Console, sha256: str) -> EvidenceRow:
    with console.database.read() as connection:
        row = evidence.find(connection, sha256)
    if row is None:
        raise NotFoundError("evidence", "证据", sha256)
    if row.is_at_gateway:
        raise _elsewhere(row)
    if row.removed_at is not None:
        raise _gone(sha256)
    return row


def _elsewhere(row: EvidenceRow) -> CallerError:
    gateway = row.detail["gateway"]
    return CallerError(
        410,
        "at_gateway",
        f"the file of evidence {row.sha256[:12]} lies at gateway {gateway}",
        f"证据 {row.sha256[:12]} 的文件在网关 {gateway}",
    )


def _gone(sha256: str) -> CallerError:
    return CallerError(
        410,
        "gone",
        f"the file of evidence {sha256[:12]} is gone; its ticket says why",
        f"证据 {sha256[:12]} 的文件已不在，原因见工单",
    )
