"""Two thousand hostile uploads: none is served as it came, and no position is left inside."""

import io
import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from tests.gateway.uploads.hostile import KINDS, exif_jpeg, hostile, located, token
from tests.gateway.web.console_server import serve
from tests.gateway.web.river_rows import add_alert, add_incident, add_ticket, opened
from xunhe.adapters.desk_photo import PhotoError, clean_jpeg, taken
from xunhe.adapters.evidence import EvidenceStore

# Pillow warns of what is broken in a file; here nearly all is.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")

ALL = range(2000)
SAMPLE = range(0, 160)  # eight of each kind
THROUGH_THE_DOOR = range(len(KINDS))


def segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments before the pixels, by ITU-T T.81, B.1.1: not by the library under test."""
    assert jpeg[:2] == b"\xff\xd8"
    at = 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        size = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        yield jpeg[at + 1], jpeg[at + 4 : at + 2 + size]
        at += 2 + size


# APP0 (JFIF), quantisation, frame, Huffman tables: what decodes pixels and nothing else.
PIXELS_ONLY = {0xE0, 0xDB, 0xC0, 0xC4}


def assert_harmless(kept: bytes, number: int) -> None:
    assert {marker for marker, _ in segments(kept)} <= PIXELS_ONLY
    (head,) = [body for marker, body in segments(kept) if marker == 0xE0]
    assert head[:5] == b"JFIF\x00"
    assert len(head) == 14, "no thumbnail"
    assert kept.endswith(b"\xff\xd9"), "nothing behind the picture"
    assert kept.count(b"\xff\xd9") == 1
    assert token(number) not in kept
    assert b"GPS" not in kept
    with Image.open(io.BytesIO(kept)) as shown:
        assert dict(shown.getexif()) == {}
        assert max(shown.size) <= 4096
        assert "comment" not in shown.info


def check(numbers: range) -> Counter[str]:
    taken_in: Counter[str] = Counter()
    for number in numbers:
        kind, data = hostile(number)
        try:
            kept = clean_jpeg(data)
        except PhotoError:
            continue
        assert_harmless(kept, number)
        taken_in[kind] += 1
    return taken_in


def test_a_sample_of_hostile_uploads_is_refused_or_becomes_pixels() -> None:
    taken_in = check(SAMPLE)
    for harmless_after in ("exif_jpeg", "exif_png", "exif_webp", "zip_behind", "broken_exif"):
        assert taken_in[harmless_after] == 8
    for never in ("svg_with_script", "no_picture", "postscript", "other_formats", "png_bomb"):
        assert taken_in[never] == 0


@pytest.mark.slow
def test_two_thousand_hostile_uploads_are_refused_or_become_pixels() -> None:
    check(ALL)


def test_the_same_number_is_the_same_file() -> None:
    for number in THROUGH_THE_DOOR:
        assert hostile(number) == hostile(number)


def test_what_comes_through_the_door_is_served_as_a_picture_of_ours(tmp_path: Path) -> None:
    database = opened(tmp_path)
    with database.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        add_ticket(connection, incident)
    store = EvidenceStore(tmp_path / "evidence")
    with serve(database, evidence=store) as served, served.member() as member:
        for number in THROUGH_THE_DOOR:
            _, data = hostile(number)
            answer = member.post(
                "/api/v1/tickets/1/files", content=data, headers={"content-type": "image/svg+xml"}
            )
            assert answer.status_code in (200, 422), answer.text[:300]
            report = {"category": (None, "other.other"), "text": (None, "x"), "lon": (None, "1")}
            sent = {**report, "lat": (None, "1"), "photo": ("<script>.svg", data, "text/html")}
            assert member.post("/api/v1/public/reports", files=sent).status_code in (422, 429)
        kept = [path for path in store.files() if path.is_file()]
        assert kept
        assert {path.suffix for path in kept} == {".jpg"}
        for path in kept:
            shown = member.get(f"/evidence/{path.stem}")
            assert shown.status_code == 200
            assert shown.headers["content-type"] == "image/jpeg"
            assert shown.headers["x-content-type-options"] == "nosniff"
            assert "HOSTILE" not in shown.content.decode("latin-1")
            assert {marker for marker, _ in segments(shown.content)} <= PIXELS_ONLY
    database.close()


def test_what_the_camera_wrote_is_read_before_it_is_dropped() -> None:
    exif = Image.Exif()
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[3], gps[4] = "S", (30.0, 30.0, 36.0), "W", (119.0, 15.0, 0.0)
    exif.get_ifd(0x8769)[0x9003] = "2026:07:01 08:30:00"
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
    found = taken(out.getvalue())
    assert found.lon_lat == pytest.approx((-119.25, -30.51))
    assert found.at == datetime(2026, 7, 1, 0, 30, tzinfo=UTC)
    assert taken(clean_jpeg(out.getvalue())) == taken(b"nothing")


def test_reading_what_a_hostile_camera_wrote_never_fails() -> None:
    for number in SAMPLE:
        taken(hostile(number)[1])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_comes_out_upright(orientation: int) -> None:
    picture = Image.new("RGB", (32, 16), "white")
    picture.paste("black", (0, 0, 8, 8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif, quality=95)
    expected = ImageOps.exif_transpose(Image.open(out)).convert("L")
    found = Image.open(io.BytesIO(clean_jpeg(out.getvalue()))).convert("L")
    assert found.size == expected.size
    difference = sum(abs(a - b) for a, b in zip(found.tobytes(), expected.tobytes(), strict=True))
    assert difference / len(found.tobytes()) < 4


def test_the_test_would_see_what_is_left_inside() -> None:
    with pytest.raises(AssertionError):
        assert_harmless(exif_jpeg(7, random.Random(7)), 7)
    assert dict(located(random.Random(1), b"m").get_ifd(0x8825))
