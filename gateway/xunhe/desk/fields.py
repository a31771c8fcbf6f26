"""The fields of an entry's data, each with its type. ValueError names the entry and the field."""

from datetime import datetime

from xunhe.desk.log import JSON, Entry


def text(entry: Entry, key: str, default: str | None = None) -> str:
    """A string."""
    value = entry.data.get(key, default)
    if not isinstance(value, str):
        raise _wrong(entry, key, value, "text")
    return value


def number(entry: Entry, key: str, default: float | None = None) -> float:
    """A number."""
    value = entry.data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(entry, key, value, "a number")
    return value


def number_if_any(entry: Entry, key: str) -> float | None:
    """A number, or None where it is null or left out."""
    return None if entry.data.get(key) is None else number(entry, key)


def flag(entry: Entry, key: str) -> bool:
    """True or false; false where it is left out."""
    return entry.data.get(key) is True


def instant(entry: Entry, key: str) -> datetime:
    """An instant, ISO 8601 with its offset."""
    try:
        at = datetime.fromisoformat(text(entry, key))
    except ValueError as error:
        raise _wrong(entry, key, entry.data.get(key), "an instant") from error
    if at.tzinfo is None:
        raise _wrong(entry, key, entry.data.get(key), "an instant with its offset")
    return at


def instant_if_any(entry: Entry, key: str) -> datetime | None:
    """An instant, or None where it is null or left out."""
    return None if entry.data.get(key) is None else instant(entry, key)


def numbers(entry: Entry, key: str) -> tuple[float, ...]:
    """A list of numbers."""
    value = entry.data.get(key)
    if not isinstance(value, list | tuple) or not all(isinstance(n, int | float) for n in value):
        raise _wrong(entry, key, value, "a list of numbers")
    return tuple(float(n) for n in value if isinstance(n, int | float))


def texts(entry: Entry, key: str) -> tuple[str, ...]:
    """A list of strings; empty where it is left out."""
    value = entry.data.get(key, ())
    if not isinstance(value, list | tuple) or not all(isinstance(t, str) for t in value):
        raise _wrong(entry, key, value, "a list of texts")
    return tuple(t for t in value if isinstance(t, str))


def _wrong(entry: Entry, key: str, value: JSON, wanted: str) -> ValueError:
    return ValueError(f"entry {entry.seq} ({entry.kind}): {key} is {value!r}, not {wanted}")
