"""The time of day that a mobile network gives its modems (NITZ). Pure."""

from xunhe_buoy.drivers.nmea import unix_s

_UNSET_YEAR = 70  # modems count from 1970 or 1980 until the network told them


def parse_clock(line):
    """Unix seconds in b'+CCLK:"26/11/22,10:15:30+32"' (local time, offset in quarters of an hour).

    None where it makes no sense, or where the modem's clock was never set.
    """
    try:
        text = str(line.split(b'"')[1], "utf-8")
        date = text[6:8] + text[3:5] + text[:2]
        local_s = unix_s(date, text[9:17].replace(":", ""))
        year, quarters = int(text[:2]), int(text[17:] or "0")
    except (IndexError, ValueError):
        return None
    is_unset = local_s is None or year >= _UNSET_YEAR
    return None if is_unset else local_s - quarters * 900
