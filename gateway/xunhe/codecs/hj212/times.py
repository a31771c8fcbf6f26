"""Instants as HJ 212 writes them. The text names no time zone: each link has its own."""

from datetime import UTC, datetime, timedelta, timezone

_MS = timedelta(milliseconds=1)
EAST_8 = timezone(timedelta(hours=8))


def parse(text: str, zone: timezone) -> datetime | None:
    """YYYYMMDDhhmmss in UTC; 17 digits occur in the field and lose their milliseconds."""
    if not (text.isascii() and text.isdigit() and len(text) in (14, 17)):
        return None
    try:
        local = datetime(
            *(int(text[:4]), int(text[4:6]), int(text[6:8])),
            *(int(text[8:10]), int(text[10:12]), int(text[12:14])),
            tzinfo=zone,
        )
        return local.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter on 1 January of the year 1
        return None


def written(at: datetime, zone: timezone) -> str:
    """YYYYMMDDhhmmss."""
    return f"{at.astimezone(zone):%Y%m%d%H%M%S}"


class Numbers:
    """Gives QNs: the present to the millisecond, never the same twice, never going back."""

    def __init__(self, zone: timezone) -> None:
        self._zone = zone
        self._last = datetime.min.replace(tzinfo=UTC)

    def next(self, now: datetime) -> str:
        """YYYYMMDDhhmmsszzz."""
        whole_ms = now.replace(microsecond=now.microsecond // 1000 * 1000)
        self._last = max(whole_ms, self._last + _MS)
        local = self._last.astimezone(self._zone)
        return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"
