"""Reading pictures: any mode and orientation, and everything that a folder may hold instead."""

import io
import resource
import struct
import subprocess
import sys
import warnings
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xunhe_models.images import Reason, UnreadableError, is_image, read_image, read_images

# Four corners of different colours, so that every turn shows.
CORNERS = np.zeros((40, 60, 3), np.uint8)
CORNERS[:20, :30] = (255, 0, 0)
CORNERS[:20, 30:] = (0, 255, 0)
CORNERS[20:, :30] = (0, 0, 255)
CORNERS[20:, 30:] = (255, 255, 255)
PICTURE = Image.fromarray(CORNERS)


def saved(path: Path, picture: Image.Image = PICTURE, **options: object) -> Path:
    picture.save(path, **options)
    return path


def corners(path: Path) -> list[list[int]]:
    """RGB at the four corners as read: top left, top right, bottom left, bottom right."""
    rgb = read_image(path).bgr[..., ::-1].astype(int)
    return [rgb[y, x].tolist() for y, x in ((2, 2), (2, -3), (-3, 2), (-3, -3))]


RGBW = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.gif", "a.jpg", "a.webp", "a.apng"])
def test_every_format_is_read_in_its_colours(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path / name, **({"format": "PNG"} if name == "a.apng" else {}))
    frame = read_image(path)
    assert (frame.width, frame.height) == (60, 40)
    assert frame.bgr.shape == (40, 60, 3)
    assert frame.bgr.dtype == np.uint8
    assert frame.bgr.flags.c_contiguous
    assert np.abs(np.subtract(corners(path), RGBW)).max() <= 25


def test_the_bytes_tell_the_format_and_not_the_name(tmp_path: Path) -> None:
    path = saved(tmp_path / "照片 真的是PNG.jpg", format="PNG")
    assert corners(path) == RGBW
    assert is_image(path)
    assert not is_image(tmp_path / "none")


HALF = np.zeros((40, 60), np.uint8)
HALF[:, 30:] = 255


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        *((f"{mode}.png", Image.fromarray(HALF).convert(mode)) for mode in ("1", "L", "P", "LA")),
        ("RGBA.png", Image.fromarray(HALF).convert("RGBA")),
        ("CMYK.tif", Image.fromarray(HALF).convert("RGB").convert("CMYK")),
        ("YCbCr.tif", Image.fromarray(HALF).convert("YCbCr")),
        ("I16.png", Image.fromarray(HALF.astype(np.uint16) * 257)),
        ("I.tif", Image.fromarray(HALF.astype(np.int32) * 257)),
        ("I32.tif", Image.fromarray(HALF.astype(np.int32) * (2**31 // 255))),
        ("F.tif", Image.fromarray(HALF.astype(np.float32) / 255)),
        ("F255.tif", Image.fromarray(HALF.astype(np.float32))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_mode_becomes_three_channels_of_8_bit(
    tmp_path: Path, name: str, picture: Image.Image
) -> None:
    bgr = read_image(saved(tmp_path / name, picture)).bgr
    assert bgr.shape == (40, 60, 3)
    assert bgr[:, :28].max() <= 2
    assert bgr[:, 32:].min() >= 253


def test_a_float_picture_with_holes_is_read(tmp_path: Path) -> None:
    holes = np.full((4, 4), 0.5, np.float32)
    holes[0], holes[1] = np.nan, np.inf
    assert read_image(saved(tmp_path / "a.tif", Image.fromarray(holes))).bgr.max() <= 128


def test_a_cmyk_jpeg_keeps_its_colours(tmp_path: Path) -> None:
    path = saved(tmp_path / "druck.jpg", PICTURE.convert("CMYK"), quality=95)
    assert np.abs(np.subtract(corners(path), RGBW)).max() <= 30


def test_16_bit_is_scaled_by_the_range_of_the_type(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65_535, 256).astype(np.uint16), (4, 1))
    for name in ("a.png", "a.tif"):
        read = read_image(saved(tmp_path / name, Image.fromarray(ramp))).bgr[0, :, 0]
        assert np.abs(read.astype(int) - np.arange(256)).max() <= 1
    dark = np.full((4, 4), 300, np.uint16)  # dark stays dark: no stretching by content
    assert read_image(saved(tmp_path / "b.png", Image.fromarray(dark))).bgr.max() == 1


def test_what_is_transparent_shows_a_grey(tmp_path: Path) -> None:
    layer = np.zeros((10, 20, 4), np.uint8)
    layer[:, 10:] = (255, 0, 0, 255)
    path = saved(tmp_path / "a.png", Image.fromarray(layer))
    assert read_image(path).bgr[5, 5].tolist() == [114, 114, 114]
    assert read_image(path).bgr[5, 15].tolist() == [0, 0, 255]
    palette = Image.fromarray(np.zeros((4, 4), np.uint8), "P")
    palette.putpalette([1, 2, 3] * 256)
    see_through = saved(tmp_path / "b.gif", palette, transparency=0)
    assert read_image(see_through).bgr[0, 0].tolist() == [114, 114, 114]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif", "a.webp"])
def test_pictures_stand_upright_by_their_exif(tmp_path: Path, orientation: int, name: str) -> None:
    # Stored as the camera held it; EXIF 2.32 table 6 says where row 0 and column 0 belong.
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    as_stored = PICTURE.transpose(turns[orientation]) if orientation > 1 else PICTURE
    path = saved(tmp_path / name, as_stored, exif=exif)
    frame = read_image(path)
    assert (frame.width, frame.height) == (60, 40)
    assert frame.bgr.shape == (40, 60, 3)
    assert np.abs(np.subtract(corners(path), RGBW)).max() <= 25


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_exif_that_is_nonsense_turns_nothing(tmp_path: Path) -> None:
    for number, exif in enumerate((b"Exif\0\0nonsense", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"")):
        path = saved(tmp_path / f"{number}.jpg", exif=exif)
        assert read_image(path).bgr.shape == (40, 60, 3)


def test_a_single_pixel_is_a_picture(tmp_path: Path) -> None:
    path = saved(tmp_path / "1.png", Image.new("RGB", (1, 1), (7, 8, 9)))
    frame = read_image(path)
    assert frame.bgr.tolist() == [[[9, 8, 7]]]
    assert frame.scale_xy == (1, 1)
    assert frame.number is frame.time_s is None


def animation(path: Path, durations: list[int], **options: object) -> Path:
    greys = [Image.new("RGB", (8, 8), (40 * i, 40 * i, 40 * i)) for i in range(len(durations))]
    greys[0].save(path, save_all=True, append_images=greys[1:], duration=durations, **options)
    return path


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_an_animation_gives_frames_with_times(tmp_path: Path, name: str) -> None:
    options = {"lossless": True} if name == "a.webp" else {}
    path = animation(tmp_path / name, [100, 200, 300, 400], **options)
    frames = list(read_images(path))
    assert [frame.number for frame in frames] == [0, 1, 2, 3]
    assert [frame.time_s for frame in frames] == pytest.approx([0, 0.1, 0.3, 0.6])
    assert [int(frame.bgr.mean()) for frame in frames] == pytest.approx([0, 40, 80, 120], abs=2)
    assert [frame.number for frame in read_images(path, every_s=0.25)] == [0, 2, 3]
    assert read_image(path).time_s is None


def test_an_animation_that_breaks_off_gives_its_frames_and_then_the_reason(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    noise = [Image.fromarray(rng.integers(0, 256, (64, 64), dtype=np.uint8)) for _ in range(6)]
    path = tmp_path / "a.gif"
    noise[0].save(path, save_all=True, append_images=noise[1:], duration=100)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    frames = read_images(path)
    assert next(frames).number == 0
    with pytest.raises(UnreadableError) as refused:
        list(frames)
    assert refused.value.reason in (Reason.TRUNCATED, Reason.DAMAGED)


def test_only_the_first_page_of_a_tiff_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "pages.tif"
    PICTURE.save(path, save_all=True, append_images=[PICTURE.resize((7, 7))])
    assert [frame.bgr.shape for frame in read_images(path)] == [(40, 60, 3)]


def noisy(name: str, folder: Path) -> Path:
    rng = np.random.default_rng(1)
    return saved(folder / name, Image.fromarray(rng.integers(0, 256, (200, 300, 3), np.uint8)))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tif", "a.gif"])
@pytest.mark.parametrize("part", [0.02, 0.5, 0.95])
def test_truncated_pictures_are_refused_as_such(tmp_path: Path, name: str, part: float) -> None:
    path = noisy(name, tmp_path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    with pytest.raises(UnreadableError) as refused:
        read_image(path)
    assert refused.value.reason in (Reason.TRUNCATED, Reason.DAMAGED)
    assert str(refused.value).startswith(refused.value.reason)
    if part > 0.4 and name in ("a.jpg", "a.png", "a.bmp"):
        assert refused.value.reason is Reason.TRUNCATED


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's, on tags that make no sense
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.bmp", "a.tif", "a.gif"])
def test_bytes_that_flipped_never_raise_anything_else(tmp_path: Path, name: str) -> None:
    still = noisy(name, tmp_path)
    if name == "a.gif":
        animation(still, [100, 100, 100])
    whole = still.read_bytes()
    rng = np.random.default_rng(5)
    for _ in range(60):
        broken = bytearray(whole)
        for at in rng.integers(0, min(len(whole), 400), 6):
            broken[at] = int(rng.integers(0, 256))
        still.write_bytes(broken)
        with suppress(UnreadableError):
            assert all(frame.bgr.size > 0 for frame in read_images(still))


def test_files_that_are_no_pictures_are_refused_by_name_of_the_trouble(tmp_path: Path) -> None:
    empty, text = tmp_path / "empty.jpg", tmp_path / "text.png"
    empty.write_bytes(b"")
    text.write_text("河长制")
    reasons = {empty: Reason.EMPTY, text: Reason.UNKNOWN_FORMAT, tmp_path: Reason.NO_ACCESS}
    reasons[tmp_path / "none.jpg"] = Reason.NO_ACCESS
    for path, reason in reasons.items():
        with pytest.raises(UnreadableError) as refused:
            read_image(path)
        assert refused.value.reason is reason


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG with a size and hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(16_000, 16_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_beyond_the_limit_is_refused_before_it_is_decoded(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_that_claims(*size))
    with pytest.raises(UnreadableError, match=r"too large: \d+ × \d+ pixels") as refused:
        read_image(path)
    assert refused.value.reason is Reason.TOO_LARGE


def test_a_large_picture_is_reduced_and_keeps_its_size(tmp_path: Path) -> None:
    picture = Image.new("RGB", (9000, 6000))
    picture.paste((255, 0, 0), (4500, 0, 9000, 3000))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("a.jpg", "a.png"):
            frame = read_image(saved(tmp_path / name, picture))
            assert (frame.width, frame.height) == (9000, 6000)
            assert frame.bgr.shape == (3000, 4500, 3)
            assert frame.scale_xy == (2, 2)
            assert frame.bgr[100, 2300].tolist() == pytest.approx([0, 0, 255], abs=3)
            assert frame.bgr[100, 2200].max() <= 3


_PEAK = """
import resource, sys, warnings
from pathlib import Path
warnings.simplefilter("error")
from xunhe_models.images import read_image
frame = read_image(Path(sys.argv[1]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(frame.width, frame.height, frame.bgr.size, peak)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in KiB on Linux")
def test_a_hundred_megapixels_are_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "100mp.jpg"
    Image.new("RGB", (12_500, 8000), (0, 128, 0)).save(path)
    # A child's peak starts at its parent's: let a small interpreter start the reader.
    script = [sys.executable, "-c", _PEAK, str(path)]
    launcher = f"import subprocess; subprocess.run({script!r}, check=True)"
    asked = subprocess.run(
        ["/bin/sh", "-c", f'exec "{sys.executable}" -c "$0"', launcher],
        capture_output=True,
        text=True,
        check=True,
    )
    width, height, values, peak_kib = map(int, asked.stdout.split())
    assert (width, height) == (12_500, 8000)
    assert values <= 3 * 24_000_000
    own_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert peak_kib < max(500_000, own_kib + 1000)


def test_a_jpeg_in_parts_beyond_the_first_picture_is_one_picture(tmp_path: Path) -> None:
    # Phones append a second picture to a JPEG (MPO).
    second = io.BytesIO()
    PICTURE.resize((10, 10)).save(second, "JPEG")
    path = saved(tmp_path / "phone.jpg", quality=95)
    path.write_bytes(path.read_bytes() + second.getvalue())
    assert [frame.bgr.shape for frame in read_images(path)] == [(40, 60, 3)]
