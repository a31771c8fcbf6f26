"""What a request holds, checked. Errors: RequestError, a ValueError, says what to write instead."""


class RequestError(ValueError):
    """A request that cannot be followed."""


def allow(request, keys):
    """A key that is not understood may be a slip of the hand: nothing is done then."""
    for key in request:
        if key not in ("do", "id") and key not in keys:
            known = ", ".join(keys) or "nothing"
            raise RequestError("%r is not understood here; known: %s" % (key, known))


def part(parts, name):
    """A part of the buoy that safe mode does not start."""
    found = getattr(parts, name)
    if found is None:
        raise RequestError("not in safe mode")
    return found


def text(request, key):
    value = request.get(key)
    if not isinstance(value, str) or not value:
        raise RequestError("give %s as text" % key)
    return value


def flag(request, key):
    value = request.get(key, False)
    if not isinstance(value, bool):
        raise RequestError("give %s as true or false" % key)
    return value


def whole(request, key, low, high, default=None):
    value = request.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise RequestError("give %s as a whole number from %d to %d" % (key, low, high))
    return value


def is_number(value):
    """A finite number; JSON of some makers has NaN and Infinity."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) < 1e9
