"""{"do": "selftest"}: looks at every part once; "passed" only where all of them are well."""

from xunhe_buoy.service.request import allow, part

_SUPPLY_V = (3.1, 3.65)  # one LiFePO4 cell that carries the probes, and is not overcharged
_WORN = 80000  # erases of a sector; NOR flash is made for 100,000
_FREE_BYTES = 8192  # of heap: a batch, a report and a handshake side by side


def run(parts, request):
    allow(request, ())
    tests = [
        _flash(part(parts, "ring")),
        _supply(parts.board),
        _lid(parts.board),
        _time(parts.board),
        _heap(parts.board),
    ]
    measurement = part(parts, "instruments").measure()
    for name, errors in part(parts, "probes").items():
        tests.append(_probe(name, errors, measurement))
    return {"passed": all(test["passed"] for test in tests), "tests": tests}


def _probe(name, errors, measurement):
    reason = measurement.reasons.get(name)
    return _test(name, reason is None, reason or "answers", errors)


def _flash(ring):
    detail = "erased %d times, %d pending, %d torn" % (ring.erases, ring.pending_count, ring.torn)
    return _test("flash", ring.erases < _WORN, detail, {"dropped": ring.dropped})


def _supply(board):
    battery_v = board.battery_v()
    low, high = _SUPPLY_V
    detail = "battery %.2f V, panel %.2f V" % (battery_v, board.solar_v())
    return _test("supply", low <= battery_v <= high, detail)


def _lid(board):
    is_open = board.lid_open()
    return _test("lid", True, "open" if is_open else "closed")  # the technician holds it


def _time(board):
    now_s = board.now_s()
    return _test("clock", now_s is not None, "never set" if now_s is None else "%d" % now_s)


def _heap(board):
    used, free = board.heap()
    return _test("heap", free == 0 or free >= _FREE_BYTES, "%d used, %d free" % (used, free))


def _test(name, passed, detail, counts=None):
    return {"name": name, "passed": passed, "detail": detail, "counts": counts or {}}
