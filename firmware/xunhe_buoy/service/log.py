"""{"do": "log"}: what the buoy remembers: its status, its crashes, records it still keeps."""

from xunhe_buoy import record
from xunhe_buoy.service.request import RequestError, allow, part, whole

_MAX_RECORDS = 10
_MAX_U32 = 0xFFFFFFFF


def run(parts, request):
    allow(request, ("what", "from", "count"))
    what = request.get("what", "status")
    if what == "status":
        return {"status": part(parts, "describe")()}
    if what == "crashes":
        return {"crashes": part(parts, "crash_log").entries()}
    if what == "records":
        return {"records": _records(part(parts, "ring"), request)}
    raise RequestError("give what as status, crashes or records")


def _records(ring, request):
    """Up to `count` records from sequence number `from` on; without it the last ones."""
    count = whole(request, "count", 1, _MAX_RECORDS, _MAX_RECORDS)
    first = whole(request, "from", 0, _MAX_U32, max(0, ring.next_seq - count))
    return [_row(reading, raw) for reading, raw in ring.kept(first, first + count - 1)]


def _row(reading, raw):
    return {
        "boot": reading.boot,
        "seq": reading.seq,
        "time_s": reading.time_s,
        "time_quality": reading.time_quality,
        "values": {name: list(pair) for name, pair in record.unscale(reading).items()},
        "raw": raw,
    }
