"""What people and other programs bring: tracks, flight logs, tables, pictures, queries, answers."""

import io
import warnings
from datetime import UTC, datetime

from PIL import Image

from xunhe.adapters import desk_photo, external_file, gpx, recording_lines
from xunhe.adapters.camera import soap
from xunhe.adapters.camera.address import AddressError, Endpoint
from xunhe.adapters.enrolment_seal import SealError, public_key, seal_text, unseal
from xunhe.adapters.registry_tables.reading import Source, sheets_of
from xunhe.adapters.registry_tables.sheet import TableError
from xunhe.adapters.upstream import mqtt as upstream
from xunhe.adapters.upstream import sparkplug as host
from xunhe.codecs import gpx as gpx_codec
from xunhe.codecs import odata_filter, odata_options, protobuf, sparkplug
from xunhe.codecs.mavlink.logs import decode_bin, decode_tlog
from xunhe.codecs.srt import poses as srt
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.external import ExternalError
from xunhe.domain.telemetry import TelemetryError
from xunhe_tools.fuzz.target import Target

_NOW = datetime(2026, 10, 20, tzinfo=UTC)
_SECRET = bytes(range(32))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _options(data: bytes) -> None:
    """`$filter=…&$orderby=…`, decoded."""
    pairs = (part.partition("=") for part in _text(data).split("&"))
    odata_options.options({name: value for name, _, value in pairs})


def _photo(data: bytes) -> None:
    with warnings.catch_warnings(action="ignore"):  # Pillow warns of every broken tag
        desk_photo.taken(data)
        desk_photo.clean_jpeg(data)


def _sealed(data: bytes) -> None:
    """As it came, and sealed for us: a seal proves nothing of what is in it."""
    try:
        unseal(data, _SECRET)
    except SealError:
        unseal(seal_text(data, public_key(_SECRET)), _SECRET)


def _platform(data: bytes) -> None:
    upstream.acknowledged(data)
    host.is_online(data)


def _jpeg() -> bytes:
    picture, out = Image.new("RGB", (8, 8), (20, 90, 140)), io.BytesIO()
    exif = Image.Exif()
    exif[0x0132] = "2026:10:20 08:00:00"
    exif[0x8825] = {1: "N", 2: (30.0, 15.0, 1.0), 3: "E", 4: (120.0, 9.0, 1.0)}
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


_GPX = (
    b'<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>'
    b'<trkpt lat="30.1" lon="120.2"><ele>5</ele><time>2026-10-19T00:00:00Z</time></trkpt>'
    b'<trkpt lat="30.2" lon="120.3"><time>2026-10-19T00:00:09Z</time></trkpt></trkseg></trk></gpx>'
)
_SRT = (
    b"1\n00:00:00,000 --> 00:00:00,033\n2026-10-19 08:00:00.000\n[iso : 100] [latitude: 30.1]"
    b" [longitude: 120.2] [rel_alt: 60.0 abs_alt: 70.0] [gb_yaw: 1.0 gb_pitch: -90.0 gb_roll: 0]\n"
)
_CSV = "站点,采样时间,氨氮(mg/L)\nYX-S1,2026-03-05 08:30,<0.42\n".encode()
_FEATURES = b'{"features": [{"properties": {"kind": "reach", "code": "R1"}, "geometry": null}]}'
_SOAP = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><a x="1">t</a></s:Body>'
    b"</s:Envelope>"
)
_SEALED = (
    b'{"device": "a4cf12000001", "station": "YX-S1", "key": "' + b"00" * 32 + b'",'
    b' "made_at": "2026-10-20T00:00:00+00:00", "by": "Li"}'
)
_LISTENED = b'{"step":"listened","at":"2026-10-20T00:00:00+00:00"}'

TARGETS = (
    Target("gpx-patrol", lambda data: gpx.read_gpx(data, _NOW), (gpx.GpxError,), (_GPX,)),
    Target("gpx-flight", lambda data: gpx_codec.decode(_text(data)), (TelemetryError,), (_GPX,)),
    Target("srt", lambda data: srt.decode(_text(data)), (TelemetryError,), (_SRT,)),
    # Valid logs and tables are too long for this page: tests/fuzz/corpus has them.
    Target("mavlink-tlog", decode_tlog, (TelemetryError,), (bytes(8) + b"\xfd\x09" + bytes(19),)),
    Target("dataflash", decode_bin, (TelemetryError,), (b"\xa3\x95\x80" + bytes(86),)),
    Target(
        "csv-values", lambda data: external_file.read(data, SHANGHAI), (ExternalError,), (_CSV,)
    ),
    Target(
        "registry-csv",
        lambda data: sheets_of(Source("a.csv", data), "reach"),
        (TableError,),
        ("编码,名称\nR1,河\n".encode(),),
    ),
    Target(
        "registry-xlsx", lambda data: sheets_of(Source("a.xlsx", data)), (TableError,), (b"PK",)
    ),
    Target(
        "registry-geojson",
        lambda data: sheets_of(Source("a.geojson", data)),
        (TableError,),
        (_FEATURES, b'{"features":' + b"[" * 2000),
    ),
    Target("soap", soap.parse, (soap.SoapError,), (_SOAP,)),
    Target(
        "camera-address",
        lambda data: str(Endpoint.parse(_text(data))),
        (AddressError,),
        (b"rtsp://user:word@10.0.0.8:554/stream?channel=1", b"http://[::1]:80/a"),
    ),
    Target("photo", _photo, (desk_photo.PhotoError,), (_jpeg(),)),
    Target("enrolment", _sealed, (SealError,), (_SEALED,)),
    Target(
        "recording-line",
        lambda data: recording_lines.from_line(_text(data)),
        (ValueError, KeyError, TypeError),
        (_LISTENED,),
    ),
    Target(
        "odata-filter",
        lambda data: odata_filter.parse(_text(data)),
        (odata_filter.ODataError,),
        (b"result gt 3.5 and (phenomenonTime lt 2026-01-01T00:00:00Z or not id eq 'a''b')",),
    ),
    Target(
        "odata-options",
        _options,
        (odata_filter.ODataError,),
        (b"$top=5&$skip=1&$orderby=id desc&$select=id&$expand=Datastreams($top=1;$count=true)",),
    ),
    Target(
        "protobuf",
        lambda data: list(protobuf.decode(data)),
        (protobuf.WireError,),
        (b"\x08\x96\x01",),
    ),
    Target(
        "sparkplug-command",
        sparkplug.commands,
        (protobuf.WireError,),
        (b"\x08\x80\x10\x12\x13\x0a\x0fNode Control/Re\x70\x01",),
    ),
    Target(
        "platform-answer", _platform, (), (b'{"keys": ["a", "b"], "online": true}', b"[" * 2000)
    ),
)
