"""{"do": "config"}: the parameters and what the buoy is; "set" changes parameters.

Keys and passwords are never shown.
"""

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
        "parameters": parameters.values(),
    }
