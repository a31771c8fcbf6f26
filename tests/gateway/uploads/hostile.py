"""Hostile uploads, made by number: the same number is the same file, and its kind is its remainder.

Whatever its author hides carries `token(number)`, so that a test can look for it afterwards.
"""

import io
import random
import struct
import zlib
from collections.abc import Callable
from functools import cache
from zipfile import ZipFile

from PIL import Image, PngImagePlugin

GPS_IFD, EXIF_IFD = 0x8825, 0x8769


def token(number: int) -> bytes:
    return f"HOSTILE{number:05d}".encode()


def hostile(number: int) -> tuple[str, bytes]:
    """Name of the kind, and the file."""
    kind = KINDS[number % len(KINDS)]
    return kind.__name__, kind(number, random.Random(number))


def picture(noise: random.Random, size: int = 24) -> Image.Image:
    return Image.frombytes("RGB", (size, size), noise.randbytes(3 * size * size))


def located(noise: random.Random, mark: bytes) -> Image.Exif:
    """A position in three places, a maker and a comment."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x010F] = mark.decode()
    exif[0x0112] = noise.randrange(0, 12)
    gps = exif.get_ifd(GPS_IFD)
    gps[1], gps[2] = "N", (30.0, noise.randrange(60), 12.5)
    gps[3], gps[4] = "E", (119.0, noise.randrange(60), 30.25)
    gps[29] = "2026:07:01"
    exif.get_ifd(EXIF_IFD)[0x9286] = b"ASCII\x00\x00\x00" + mark
    return exif


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def exif_jpeg(n: int, noise: random.Random) -> bytes:
    return saved(picture(noise), "JPEG", exif=located(noise, token(n)), comment=token(n))


def exif_png(n: int, noise: random.Random) -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("XML:com.adobe.xmp", f"<x exif:GPSLatitude='30,12N'>{token(n).decode()}</x>")
    text.add_itxt("Comment", token(n).decode())
    return saved(picture(noise), "PNG", pnginfo=text, exif=located(noise, token(n)))


def exif_webp(n: int, noise: random.Random) -> bytes:
    xmp = b"<x:xmpmeta>" + token(n)
    return saved(picture(noise), "WEBP", exif=located(noise, token(n)), xmp=xmp)


def xmp_and_profiles(n: int, noise: random.Random) -> bytes:
    """XMP, IPTC, a colour profile, a thumbnail and unknown segments, all of them talking."""
    plain = saved(picture(noise), "JPEG")
    extra = (
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLongitude='119E'>" + token(n))
        + segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + token(n))
        + segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + token(n))
        + segment(0xEF, token(n))
        + segment(0xFE, b"<script>" + token(n))
    )
    return plain[:2] + extra + plain[2:]


def thumbnail_with_position(n: int, noise: random.Random) -> bytes:
    inner = exif_jpeg(n, noise)
    ifd = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", 0) + struct.pack("<I", 14)
    ifd += struct.pack("<HHHII", 2, 0x201, 4, 1, 44) + struct.pack("<HHII", 0x202, 4, 1, len(inner))
    plain = saved(picture(noise), "JPEG")
    return plain[:2] + segment(0xE1, b"Exif\x00\x00" + ifd + inner) + plain[2:]


def broken_exif(n: int, noise: random.Random) -> bytes:
    """An IFD that points at itself, counts of four thousand million, types that there are not."""
    entries = b"".join(
        struct.pack("<HHII", noise.randrange(65536), noise.randrange(20), 2**32 - 1, 8)
        for _ in range(6)
    )
    body = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", 6) + entries
    body += struct.pack("<I", 8) + token(n)
    plain = saved(picture(noise), "JPEG")
    return plain[:2] + segment(0xE1, b"Exif\x00\x00" + body) + plain[2:]


def zip_behind(n: int, noise: random.Random) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("a.html", b"<script>" + token(n))
    return saved(picture(noise), "JPEG") + out.getvalue()


def html_behind(n: int, noise: random.Random) -> bytes:
    return saved(picture(noise), "PNG") + b"<html><script>alert('" + token(n) + b"')</script>"


def script_and_gif(n: int, noise: random.Random) -> bytes:
    return b"GIF89a=0;/*" + noise.randbytes(20) + b"*/alert('" + token(n) + b"')//"


def pdf_and_jpeg(n: int, noise: random.Random) -> bytes:
    plain = saved(picture(noise), "JPEG")
    body = b"%PDF-1.4\n1 0 obj<</S/JavaScript/JS(" + token(n) + b")>>endobj"
    return plain[:2] + segment(0xFE, body) + plain[2:] + b"%%EOF"


def svg_with_script(n: int, noise: random.Random) -> bytes:
    entity = b'<!DOCTYPE x [<!ENTITY a "' + b"a" * noise.randrange(9) + b'">]>'
    body = b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"><script>' + token(n)
    return b'<?xml version="1.0"?>' + entity + body + b"</script></svg>"


def no_picture(n: int, noise: random.Random) -> bytes:
    heads = (b"MZ", b"\x7fELF", b"%PDF-1.7\n", b"PK\x03\x04", b"#!/bin/sh\n", b"<html>", b"", b"{}")
    return noise.choice(heads) + token(n) + noise.randbytes(noise.randrange(200))


def postscript(n: int, noise: random.Random) -> bytes:
    head = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"
    return head + b"(%pipe%touch /" + token(n) + b") (w) file\n%%EOF\n" + noise.randbytes(8)


def other_formats(n: int, noise: random.Random) -> bytes:
    form = noise.choice(["GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "SGI"])
    return saved(picture(noise, 16), form) + token(n)


def png_bomb(n: int, noise: random.Random) -> bytes:
    """A header that promises more pixels than there is memory."""
    side = noise.choice([8001, 20_000, 60_000, 2**31 - 1])
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 100_000, 9)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body + token(n)


def text_bomb(n: int, noise: random.Random) -> bytes:
    """Compressed text of a PNG that unpacks to 100 MB."""
    plain = saved(picture(noise), "PNG")
    return plain[:33] + chunk(b"zTXt", b"k\x00\x00" + _packed()) + plain[33:] + token(n)


@cache
def _packed() -> bytes:
    packer = zlib.compressobj(9)
    return b"".join([packer.compress(bytes(10**6)) for _ in range(100)]) + packer.flush()


def wrong_size(n: int, noise: random.Random) -> bytes:
    """A JPEG whose frame says other dimensions than it has."""
    data = bytearray(exif_jpeg(n, noise))
    at = data.find(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, noise.choice([0, 1, 65500]), noise.choice([0, 7, 65500]))
    return bytes(data)


def truncated(n: int, noise: random.Random) -> bytes:
    made = noise.choice([exif_jpeg, exif_png, exif_webp])(n, noise)
    return made[: noise.randrange(len(made))]


def flipped(n: int, noise: random.Random) -> bytes:
    data = bytearray(noise.choice([exif_jpeg, exif_png, exif_webp, broken_exif])(n, noise))
    for _ in range(noise.randrange(1, 12)):
        data[noise.randrange(len(data))] ^= 1 << noise.randrange(8)
    return bytes(data)


def several_frames(n: int, noise: random.Random) -> bytes:
    frames = [picture(noise, 12) for _ in range(3)]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]) + token(n)


KINDS: list[Callable[[int, random.Random], bytes]] = [
    exif_jpeg,
    exif_png,
    exif_webp,
    xmp_and_profiles,
    thumbnail_with_position,
    broken_exif,
    zip_behind,
    html_behind,
    script_and_gif,
    pdf_and_jpeg,
    svg_with_script,
    no_picture,
    postscript,
    other_formats,
    png_bomb,
    wrong_size,
    truncated,
    flipped,
    several_frames,
    text_bomb,
]
