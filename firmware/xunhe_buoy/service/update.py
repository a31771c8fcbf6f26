"""{"do": "update"}: the slots; with "manifest" or "rotate", "chunk": an update over the cable.

The signature decides over the cable as over the air.
"""

import binascii

from xunhe_buoy.service.request import RequestError, allow, part, text, whole

_MAX_U32 = 0xFFFFFFFF


def run(parts, request):
    allow(request, ("manifest", "rotate", "release", "offset", "chunk"))
    updates = part(parts, "updates")
    if "manifest" in request:
        _command(updates, {"update": request["manifest"]})
    elif "rotate" in request:
        _command(updates, {"rotate": request["rotate"]})
    elif "chunk" in request:
        release = whole(request, "release", 1, _MAX_U32)
        updates.chunk(release, whole(request, "offset", 0, _MAX_U32), _bytes(request))
    return updates.describe()


def _command(updates, content):
    ok, reason = updates.command(content)
    if not ok:
        raise RequestError(reason)


def _bytes(request):
    try:
        return binascii.a2b_base64(text(request, "chunk"))
    except ValueError:
        raise RequestError("give chunk in base64")
