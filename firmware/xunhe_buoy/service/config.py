"""{"do": "config"}: the parameters and what the buoy is; "set" changes parameters.

Keys and passwords are never shown; the fingerprint of the buoy's key tells one key from another.
"""

import binascii
import hashlib

from xunhe_buoy import status
from xunhe_buoy.service.request import RequestError, allow, part


def run(parts, request):
    allow(request, ("set",))
    parameters = part(parts, "parameters")
    if "set" in request:
        changes = request["set"]
        if not isinstance(changes, dict) or not changes:
            raise RequestError('give set as {"name": value, …}')
        parameters.set(changes)
    settings = parts.settings
    return {
        "station": settings.station,
        "device": settings.device.hex(),
        "board": parts.board.NAME,
        "firmware": status.FIRMWARE,
        "fingerprint": fingerprint(settings.key),
        "parameters": parameters.values(),
    }


def fingerprint(key):
    """Eight hex digits that say which key this is and nothing about it."""
    digest = hashlib.sha256(b"xunhe " + key).digest()
    return str(binascii.hexlify(digest[:4]), "utf-8")
