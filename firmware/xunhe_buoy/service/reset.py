"""{"do": "reset", "device": …}: restart. The device's number guards against the wrong cable.

The reply goes out before the restart: `parts.restart` is asked for, not carried out here.
"""

from xunhe_buoy.service.request import RequestError, allow, text


def run(parts, request):
    allow(request, ("device",))
    device = parts.settings.device.hex()
    if text(request, "device") != device:
        raise RequestError("this is device %s" % device)
    parts.restart()
    return {"device": device}
