"""NMEA 0183 sentences of a GNSS receiver: RMC and GGA of any talker. Pure; bytes to a fix.

Positions are integers of 1e-7 degrees, because a board's floats have 24 bits: at 120° that is
0.8 m a step. A sentence that is torn, has a wrong checksum or no numbers is counted and skipped.
"""

MAX_LINE = 120  # the standard says 82; receivers with many digits send more
_EARLIEST_S = 1735689600  # 2025-01-01: an earlier date is a receiver whose week number rolled over
_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


class Fix:
    """Where and when: WGS-84; `time_s` Unix seconds, None where the receiver's date is absurd."""

    def __init__(self, lat_e7, lon_e7, time_s, satellites, hdop):
        self.lat_e7 = lat_e7
        self.lon_e7 = lon_e7
        self.time_s = time_s
        self.satellites = satellites
        self.hdop = hdop

    @property
    def lat(self):
        """Degrees north."""
        return self.lat_e7 / 1e7

    @property
    def lon(self):
        """Degrees east."""
        return self.lon_e7 / 1e7


class Parser:
    """Feed it bytes as they come; it hands out a fix when RMC and GGA of one instant agree."""

    def __init__(self):
        self._line = bytearray()
        self._rmc = None  # (time of day, lat, lon, Unix seconds)
        self._gga = None  # (time of day, satellites, hdop)
        self.bad = 0

    def feed(self, data):
        """The newest Fix that these bytes complete, or None."""
        fix = None
        for byte in data:
            if byte in b"\r\n":
                fix = self._take(bytes(self._line)) or fix
                self._line = bytearray()
            elif byte == 36:  # "$" begins a sentence, whatever was torn before
                self._line = bytearray(b"$")
            elif len(self._line) < MAX_LINE:
                self._line.append(byte)
        return fix

    def _take(self, line):
        if not line:
            return None
        try:
            fields = parse_sentence(line)
            if fields[0][2:] == "RMC":
                self._rmc = parse_rmc(fields)
            elif fields[0][2:] == "GGA":
                self._gga = parse_gga(fields)
            else:
                return None
        except ValueError:
            self.bad += 1
            return None
        return self._joined()

    def _joined(self):
        if self._rmc is None or self._gga is None or self._rmc[0] != self._gga[0]:
            return None
        _, lat_e7, lon_e7, time_s = self._rmc
        _, satellites, hdop = self._gga
        self._rmc = self._gga = None
        return Fix(lat_e7, lon_e7, time_s, satellites, hdop)


def parse_sentence(line):
    """The fields of `$…*hh` as text; ValueError where it is no whole sentence."""
    if line[:1] != b"$" or line[-3:-2] != b"*":
        raise ValueError("no sentence")
    checksum = 0
    for byte in line[1:-3]:
        if not 32 <= byte < 127:
            raise ValueError("no ASCII text")
        checksum ^= byte
    if line[-2:].upper() != b"%02X" % checksum:
        raise ValueError("checksum")
    return line[1:-3].decode().split(",")


def parse_rmc(fields):
    """(time of day, lat, lon, Unix seconds) of a valid RMC; None where it says "no fix"."""
    if len(fields) < 10:
        raise ValueError("RMC of %d fields" % len(fields))
    _, clock, status, lat, north, lon, east, _, _, date = fields[:10]
    if status != "A":
        return None
    position = angle_e7(lat, north, "NS", 90), angle_e7(lon, east, "EW", 180)
    return clock, position[0], position[1], unix_s(date, clock)


def parse_gga(fields):
    """(time of day, satellites, hdop) of a GGA; None where it says "no fix"."""
    if len(fields) < 9:
        raise ValueError("GGA of %d fields" % len(fields))
    if fields[6] in ("", "0"):
        return None
    return fields[1], _digits(fields[7]), float(fields[8])


def angle_e7(text, side, sides, most):
    """Degrees × 1e7 of "dddmm.mmmm" and its side; ValueError beyond `most` degrees."""
    whole, _, part = text.partition(".")
    degrees, minutes = _digits(whole[:-2]), _digits(whole[-2:])
    if side not in sides or len(side) != 1 or minutes >= 60 or len(part) > 9:
        raise ValueError("%s %s is no angle" % (text, side))
    minutes_e7 = minutes * 10000000 + _digits((part + "0000000")[:7])
    angle = degrees * 10000000 + (minutes_e7 + 30) // 60
    if angle > most * 10000000:
        raise ValueError("%s is beyond %d degrees" % (text, most))
    return -angle if side == sides[1] else angle


def unix_s(date, clock):
    """Unix seconds of "ddmmyy" and "hhmmss.ss" (2000 to 2099), or None before 2025."""
    if len(date) != 6:
        raise ValueError("%r is no date" % date)
    day, month, year = _digits(date[:2]), _digits(date[2:4]), _digits(date[4:])
    hour, minute, second = _digits(clock[:2]), _digits(clock[2:4]), _digits(clock[4:6])
    if not (1 <= day <= 31 and 1 <= month <= 12 and hour < 24 and minute < 60 and second <= 60):
        raise ValueError("%s %s is no date" % (date, clock))
    leap_days = (year + 3) // 4 + (year % 4 == 0 and month > 2)
    days = 10957 + 365 * year + leap_days + _DAYS_BEFORE_MONTH[month - 1] + day - 1
    time_s = days * 86400 + hour * 3600 + minute * 60 + second
    return time_s if time_s >= _EARLIEST_S else None


def _digits(text):
    """A number without sign, space or underscore: int() alone takes all of these."""
    if not 1 <= len(text) <= 9 or not all("0" <= digit <= "9" for digit in text):
        raise ValueError("%r is no number" % text)
    return int(text)
