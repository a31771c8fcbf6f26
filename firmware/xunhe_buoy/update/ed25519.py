"""Ed25519 (RFC 8032 section 5.1), verification only: a buoy checks signatures and makes none.

Where the RFC leaves a choice the strict one is taken, so that one statement has one signature:
    S is below the group's order   nobody can bend a signature into a second valid one
    key and R are canonical        their y is below the field's prime
    no small order                 a key of order 8 or less would "sign" nearly anything
    no cofactor                    S·B = R + k·A itself is checked
Times vary with the data; nothing here is secret.
"""

from xunhe_buoy.update.sha512 import sha512

KEY_SIZE = 32
SIGNATURE_SIZE = 64

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555
_ROOT_OF_MINUS_1 = 19681161376707505956807079304988542015446066515923890162744021073123829784752
_BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE_Y = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_SIGN = 1 << 255

# A point is (X, Y, Z, T) with x = X/Z, y = Y/Z, T = XY/Z (section 5.1.4).
_BASE = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)
_NEUTRAL = (0, 1, 1, 0)


def verify(key, message, signature):
    """True where `signature` (64 bytes) of `message` was made with the owner of `key` (32 bytes).

    Anything malformed is False: what arrives here was sent by a stranger until it is True.
    """
    if len(key) != KEY_SIZE or len(signature) != SIGNATURE_SIZE:
        return False
    owner = _point(key)
    scalar = int.from_bytes(signature[32:], "little")
    if owner is None or _has_small_order(owner) or scalar >= _ORDER:
        return False
    digest = sha512(signature[:32] + key + message)
    factor = int.from_bytes(digest, "little") % _ORDER
    point = _combine(scalar, _BASE, factor, _minus(owner))
    return _packed(point) == signature[:32] and not _has_small_order(point)


def _point(data):
    """The point of 32 bytes (section 5.1.3), None where there is none or its y is not canonical."""
    packed = int.from_bytes(data, "little")
    y = packed & (_SIGN - 1)
    if y >= _P:
        return None
    x = _root((y * y - 1) % _P, (_D * y * y + 1) % _P)
    if x is None or (x == 0 and packed & _SIGN):
        return None
    if x & 1 != packed >> 255:
        x = _P - x
    return x, y, 1, x * y % _P


def _root(u, v):
    """The square root of u/v, None where it has none."""
    v3 = v * v * v % _P
    x = u * v3 * pow(u * v3 * v3 * v % _P, (_P - 5) // 8, _P) % _P
    vxx = v * x * x % _P
    if vxx == u:
        return x
    return x * _ROOT_OF_MINUS_1 % _P if vxx == _P - u else None


def _packed(point):
    x, y, z, _ = point
    inverse = pow(z, _P - 2, _P)
    x, y = x * inverse % _P, y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _combine(m, p, n, q):
    """m·p + n·q in one run of doublings."""
    both = _add(p, q)
    total = _NEUTRAL
    for bit in range(252, -1, -1):
        total = _double(total)
        if m >> bit & 1:
            total = _add(total, both if n >> bit & 1 else p)
        elif n >> bit & 1:
            total = _add(total, q)
    return total


def _minus(point):
    x, y, z, t = point
    return _P - x, y, z, _P - t


def _add(p, q):
    x1, y1, z1, t1 = p
    x2, y2, z2, t2 = q
    a = (y1 - x1) * (y2 - x2) % _P
    b = (y1 + x1) * (y2 + x2) % _P
    c = 2 * _D * t1 % _P * t2 % _P
    d = 2 * z1 * z2 % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double(p):
    x, y, z, _ = p
    a, b = x * x % _P, y * y % _P
    h = a + b
    e = h - (x + y) * (x + y) % _P
    g = a - b
    f = 2 * z * z % _P + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _has_small_order(point):
    """True where eight times the point is the neutral one: then x = 0 and y = z."""
    for _ in range(3):
        point = _double(point)
    x, y, z, _ = point
    return x == 0 and y == z
