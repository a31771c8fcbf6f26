"""A report goes to a gateway elsewhere, over its API."""

from collections.abc import Mapping
from math import sqrt

import cv2
import numpy as np

from xunhe.codecs import flight_json
from xunhe_tools.buoy.provision_gateway import Account, SentFile, session
from xunhe_tools.buoy.screen import Screen
from xunhe_tools.patrol.report_folder import ReportFolder
from xunhe_tools.patrol.sent import Sent

_MOST_BYTES = 12 * 2**20  # of all pictures: the gateway takes 16 MiB at once
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 85]


def post(report: ReportFolder, account: Account, screen: Screen, of_post: str | None) -> Sent:
    """Send it; GatewayError says why not. `of_post`: whose patrol it is, None: the nearest's."""
    fields = {"flight": flight_json.document(report.flight)}
    fields |= {"post": of_post} if of_post else {}
    files = [_file(key, picture) for key, picture in fitting(report.pictures).items()]
    with session(account, screen) as gateway:
        taken = gateway.send("/flights", fields, files)
    return Sent(int(taken["id"]), bool(taken["is_new"]), account.url.rstrip("/"))


def fitting(pictures: Mapping[str, bytes], most_bytes: int = _MOST_BYTES) -> dict[str, bytes]:
    """The same, made smaller where together they are more than the gateway takes."""
    total = sum(map(len, pictures.values()))
    if total <= most_bytes:
        return dict(pictures)
    return {key: _smaller(data, sqrt(most_bytes / total)) for key, data in pictures.items()}


def _smaller(jpeg: bytes, scale: float) -> bytes:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return jpeg
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    is_good, data = cv2.imencode(".jpg", small, _QUALITY)
    return bytes(data.tobytes()) if is_good else jpeg


def _file(key: str, picture: bytes) -> SentFile:
    return "picture", (f"{key}.jpg", picture, "image/jpeg")
