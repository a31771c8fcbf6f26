"""{"do": "read"}: measure now. Nothing is stored."""

from xunhe_buoy.service.request import allow, part


def run(parts, request):
    allow(request, ())
    measurement = part(parts, "instruments").measure()
    return {
        "values": measurement.values,
        "raw": measurement.raw,
        "sources": measurement.sources,
        "failed": measurement.reasons,
    }
