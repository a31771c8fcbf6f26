"""The seconds before an incident, kept as they were encoded and cut into a clip that plays."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.camera.conftest import CODECS, watch
from tests.gateway.camera.films import drawn, packets, units
from xunhe.adapters.camera.clip import ClipError, covering, cut, cut_ring
from xunhe.adapters.camera.ring import Encoded, Ring

Films = Callable[[str, str], Path]


def decoded(mp4: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(mp4)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def inside(mp4: bytes) -> list[bytes]:
    with av.open(io.BytesIO(mp4)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("suffix", ["mp4", "flv", "ts"])
def test_a_clip_holds_the_very_pictures_that_the_camera_sent(
    films: Films, codec: str, suffix: str
) -> None:
    source = films(codec, suffix)
    seen = watch(source, every_frame=lambda: False)  # kept whole, whatever was decoded
    mp4 = cut_ring(seen.ring, from_s=1.5, to_s=2.5)
    sent, clip = packets(source), inside(mp4)
    assert [units(packet) for packet in clip] == [
        units(packet) for packet in sent[25 : 25 + len(clip)]
    ]
    pictures = decoded(mp4)
    assert 38 <= len(pictures) <= 42  # from the key frame at 1 s up to 2.5 s
    for number, picture in enumerate(pictures, start=25):
        assert np.median(np.abs(picture.astype(int) - drawn(number, (320, 180)))) < 4


def test_a_clip_begins_at_the_last_key_frame_before_what_is_asked(films: Films) -> None:
    held = list(watch(films("h264", "mp4"), every_frame=lambda: False).ring.packets())
    for from_s, begins_s in ((0.0, 0), (0.99, 0), (1.0, 1), (2.9, 2), (-5.0, 0)):
        assert covering(held, from_s, 3.0)[0].time_s == pytest.approx(begins_s)
    assert covering(held, -5.0, -1.0) == []


def test_a_clip_before_anything_was_kept_is_an_error(films: Films) -> None:
    ring = watch(films("h264", "mp4"), every_frame=lambda: False).ring
    with pytest.raises(ClipError, match="no key frame"):
        cut_ring(ring, -9, -8)
    with pytest.raises(ClipError):
        cut_ring(Ring(10, 1000), 0, 1)


@pytest.mark.parametrize("codec", CODECS)
def test_odd_times_are_repaired(films: Films, codec: str) -> None:
    """Repeated, running back, all the same: no camera's clock makes a clip fail."""
    ring = watch(films(codec, "mp4"), every_frame=lambda: False).ring
    assert ring.encoding is not None
    held = list(ring.packets())
    odd = (
        [replace(p, time_s=round(p.time_s, 1)) for p in held],
        [replace(p, time_s=p.time_s - 0.5 * (i % 7 == 3)) for i, p in enumerate(held)],
        [replace(p, time_s=0.0) for p in held],
        [replace(p, ahead_s=i % 3 / 10) for i, p in enumerate(held)],
    )
    for packets_ in odd:
        mp4 = cut(packets_, ring.encoding, -9, 9)
        assert len(decoded(mp4)) == 75
        with av.open(io.BytesIO(mp4)) as container:
            stamps = [p.dts for p in container.demux(video=0) if p.dts is not None]
        assert stamps == sorted(set(stamps))


def test_the_encoding_outlives_its_connection(films: Films) -> None:
    ring = watch(films("h265", "ts")).ring
    first = cut_ring(ring, 0, 3)
    for _ in range(3):
        watch(films("h264", "ts"))
    assert cut_ring(ring, 0, 3) == first


def test_a_new_connection_empties_the_ring(films: Films) -> None:
    ring = watch(films("h264", "mp4"), every_frame=lambda: False).ring
    ring.begin(ring.encoding)
    assert list(ring.packets()) == []
    assert (ring.size_bytes, ring.span_s) == (0, 0)


def packet(time_s: float, is_key: bool, size: int = 100) -> Encoded:
    return Encoded(time_s, 0.0, bytes(size), is_key)


def test_a_ring_keeps_at_least_its_seconds_and_drops_whole_groups() -> None:
    ring = Ring(seconds=5, max_bytes=1 << 20)
    for tick in range(200):
        ring.add(packet(tick / 10, is_key=tick % 20 == 0))
    held = list(ring.packets())
    assert held[0].is_key
    assert held[0].time_s == 14  # 12 would do no harm, 14 still holds 5 s before 19.9
    assert ring.span_s >= 5


def test_what_comes_before_the_first_key_frame_is_left_out() -> None:
    ring = Ring(5, 1000)
    ring.add(packet(0.0, is_key=False))
    assert list(ring.packets()) == []


def test_a_group_that_alone_is_too_large_leaves_the_ring_empty_up_to_the_next_key_frame() -> None:
    ring = Ring(60, 1000)
    ring.add(packet(0, is_key=True, size=900))
    ring.add(packet(1, is_key=False, size=200))
    ring.add(packet(2, is_key=False, size=10))
    assert list(ring.packets()) == []
    ring.add(packet(3, is_key=True, size=10))
    assert len(list(ring.packets())) == 1


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 400), st.floats(0, 3)), max_size=120),
    st.integers(1, 2000),
)
def test_a_ring_begins_at_a_key_frame_and_never_exceeds_its_bytes(
    stream: list[tuple[bool, int, float]], max_bytes: int
) -> None:
    ring, time_s = Ring(10, max_bytes), 0.0
    for is_key, size, step_s in stream:
        time_s += step_s
        ring.add(packet(time_s, is_key, size))
        held = list(ring.packets())
        assert ring.size_bytes == sum(len(p.data) for p in held) <= max_bytes
        assert not held or held[0].is_key
