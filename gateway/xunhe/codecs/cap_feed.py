"""An Atom feed (RFC 4287) of CAP alerts: one entry an alert, which leads to its XML."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

ATOM = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # `updated` of an empty feed, so that it stays the same


@dataclass(frozen=True, slots=True)
class Entry:
    """One alert: `url` is where its XML is."""

    identifier: str
    title: str
    sent: datetime
    url: str


def feed(entries: Sequence[Entry], sender: str, url: str) -> bytes:
    """The feed at `url`, the newest entry first as given; UTF-8."""
    root = ET.Element("feed", xmlns=ATOM)
    _put(root, "id", f"urn:xunhe:cap:{sender}")
    _put(root, "title", "巡河 CAP 预警 alerts")
    _put(root, "updated", max((entry.sent for entry in entries), default=_NEVER).isoformat())
    _put(ET.SubElement(root, "author"), "name", sender)
    ET.SubElement(root, "link", rel="self", type="application/atom+xml", href=url)
    for entry in entries:
        _entry(root, entry)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True))


def _entry(root: ET.Element, entry: Entry) -> None:
    found = ET.SubElement(root, "entry")
    _put(found, "id", f"urn:xunhe:cap:{entry.identifier}")
    _put(found, "title", entry.title)
    _put(found, "updated", entry.sent.isoformat())
    ET.SubElement(found, "link", rel="alternate", type="application/cap+xml", href=entry.url)


def _put(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = text
