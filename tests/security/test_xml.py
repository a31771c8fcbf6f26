"""XML from outside: no entity is followed, none blows up."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from xunhe.adapters import gpx
from xunhe.adapters.camera import soap
from xunhe.adapters.registry_tables.reading import Source, sheets_of
from xunhe.adapters.registry_tables.sheet import TableError
from xunhe.codecs import gpx as gpx_codec
from xunhe.domain.telemetry import TelemetryError

_NOW = datetime(2026, 10, 20, tzinfo=UTC)
_LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha" * 50}">' for i in range(10))
_OUTSIDE = '<!ENTITY x SYSTEM "file:///etc/passwd">'
_TRACK = (
    '<?xml version="1.0"?><!DOCTYPE gpx [{entities}]><gpx version="1.1" creator="{use}"><trk>'
    '<name>{use}</name><trkseg><trkpt lat="1" lon="1"><time>2026-10-19T00:00:00Z</time></trkpt>'
    '<trkpt lat="2" lon="2"><time>2026-10-19T00:01:00Z</time></trkpt></trkseg></trk></gpx>'
)
ATTACKS = [
    _TRACK.format(entities=_LAUGHS, use="&l9;"),
    _TRACK.format(entities=_OUTSIDE, use="&x;").replace('creator="&x;"', 'creator="c"'),
]


@pytest.mark.parametrize("text", ATTACKS, ids=["laughs", "outside"])
def test_no_entity_of_an_xml_file_is_followed_or_blown_up(text: str) -> None:
    with pytest.raises(gpx.GpxError):
        gpx.read_gpx(text.encode(), _NOW)
    with pytest.raises(TelemetryError):
        gpx_codec.decode(text)
    with pytest.raises(soap.SoapError):
        soap.parse(text.encode())


@pytest.mark.parametrize("text", ATTACKS, ids=["laughs", "outside"])
def test_no_entity_inside_a_workbook_is_followed_or_blown_up(text: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "xl/sharedStrings.xml"):
            archive.writestr(name, text)
    with pytest.raises(TableError):
        sheets_of(Source("a.xlsx", out.getvalue()))


@pytest.mark.parametrize("count", [500, 501])
def test_a_workbook_has_so_many_parts_at_most(count: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}", b"")
    with pytest.raises(TableError, match="unpacks to" if count > 500 else "no workbook"):
        sheets_of(Source("a.xlsx", out.getvalue()))
