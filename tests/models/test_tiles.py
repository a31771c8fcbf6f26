"""Tiles: they cover the picture, and what they see is merged without halves."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from xunhe_models.boxes import Detections
from xunhe_models.tiles import Tile, detect_tiled, merge, plan_tiles, side_for

# A busy machine is no error.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

SIZES = st.integers(1, 3000)


def found(*boxes: tuple[float, float, float, float, float], class_id: int = 0) -> Detections:
    """From xyxy and score."""
    table = np.array(boxes, np.float32).reshape(-1, 5)
    return Detections(table[:, :4], table[:, 4], np.full(len(table), class_id, dtype=np.int64))


@UNHURRIED
@given(SIZES, SIZES, st.integers(1, 1200), st.sampled_from([0.0, 0.2, 0.5]), st.integers(1, 60))
def test_tiles_lie_inside_cover_every_pixel_and_are_few(
    width: int, height: int, side: int, overlap: float, limit: int
) -> None:
    tiles = plan_tiles(width, height, side, overlap, limit)
    assert 1 <= len(tiles) <= limit
    assert len(set(tiles)) == len(tiles)
    covered = np.zeros((height, width), dtype=bool)
    for tile in tiles:
        assert 0 <= tile.x0 < tile.x1 <= width
        assert 0 <= tile.y0 < tile.y1 <= height
        covered[tile.y0 : tile.y1, tile.x0 : tile.x1] = True
    assert covered.all()


@UNHURRIED
@given(SIZES, SIZES, st.integers(10, 1200))
def test_tiles_are_square_and_overlap_by_a_fifth(width: int, height: int, side: int) -> None:
    tiles = plan_tiles(width, height, side)
    grown = max(max(tile.x1 - tile.x0, tile.y1 - tile.y0) for tile in tiles)
    for tile in tiles:
        assert tile.x1 - tile.x0 == min(grown, width) or grown < side
        assert tile.y1 - tile.y0 == min(grown, height) or grown < side
    for starts in ({tile.x0 for tile in tiles}, {tile.y0 for tile in tiles}):
        steps = np.diff(sorted(starts))
        assert (steps <= max(1, grown * 0.8)).all()


def test_a_small_side_on_a_large_picture_grows_until_the_tiles_are_few() -> None:
    tiles = plan_tiles(12_000, 8_000, 416)
    assert 30 <= len(tiles) <= 40
    assert tiles[-1] == Tile(tiles[-1].x0, tiles[-1].y0, 12_000, 8_000)


@pytest.mark.parametrize("wrong", [{"width": 0}, {"side": 0}, {"overlap": 1.0}, {"limit": 0}])
def test_impossible_plans_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="tiles need sizes"):
        plan_tiles(**{"width": 9, "height": 9, "side": 9, **wrong})


@pytest.mark.parametrize(
    ("longer", "tile", "side"),
    [
        (624, "auto", None),  # 1.5 tiles: the whole frame is enough
        (625, "auto", 416),
        (4000, "off", None),
        (100, 64, 64),
    ],
)
def test_auto_tiles_from_one_and_a_half_sides(longer: int, tile: str | int, side: int) -> None:
    assert side_for(longer, 50, tile, 416) == side
    assert side_for(50, longer, tile, 416) == side


WHOLE, LEFT, RIGHT = Tile(0, 0, 180, 100), Tile(0, 0, 100, 100), Tile(80, 0, 180, 100)
LOOKS = [WHOLE, LEFT, RIGHT]


def merged(whole: Detections, left: Detections, right: Detections) -> list[list[float]]:
    return sorted(merge([whole, left, right], LOOKS, 0.6).xyxy.tolist())


def test_a_half_at_an_inner_border_falls_to_the_whole_object() -> None:
    object_, half = (70, 40, 130, 60), (70, 40, 100, 60)
    assert merged(found((*object_, 0.5)), found((*half, 0.8)), found()) == [[*object_]]
    # The other tile sees more of it than this one.
    more = (80, 40, 130, 60)
    assert merged(found(), found((80, 40, 100, 60, 0.8)), found((*more, 0.6))) == [[*more]]


def test_a_half_stays_where_nothing_sees_more_of_it() -> None:
    assert merged(found(), found((70, 40, 100, 60, 0.8)), found()) == [[70, 40, 100, 60]]


def test_a_faint_box_a_box_of_another_class_or_of_the_same_tile_removes_no_half() -> None:
    half, object_ = found((70, 40, 100, 60, 0.8)), (70, 40, 130, 60)
    assert len(merged(found((*object_, 0.3)), half, found())) == 2
    assert len(merged(found((*object_, 0.9), class_id=1), half, found())) == 2
    both = Detections.joined([half, found((30, 30, 100, 60, 0.9))])
    assert len(merged(found(), both, found())) == 2


def test_a_small_box_inside_a_big_one_stays_unless_a_border_cut_it() -> None:
    big, small = found((10, 10, 90, 90, 0.9)), found((40, 40, 50, 50, 0.5))
    assert len(merged(big, small, found())) == 2
    # x = 0 is a border of the picture, none of the tiles cut there
    assert len(merged(found((0, 10, 90, 90, 0.9)), found((0, 40, 10, 50, 0.5)), found())) == 2


def test_the_same_object_seen_twice_is_one_box_with_the_better_score() -> None:
    joined = merge(
        [found((40, 40, 60, 60, 0.5)), found((41, 40, 60, 60, 0.8)), found()], LOOKS, 0.6
    )
    assert joined.score.tolist() == [np.float32(0.8)]


def test_thousands_of_boxes_are_merged_in_bounded_memory_into_three_hundred() -> None:
    rng = np.random.default_rng(3)
    corners = rng.uniform(0, 150, (40_000, 2))
    many = found(*np.column_stack([corners, corners + 4, rng.uniform(0.01, 1, 40_000)]).tolist())
    joined = merge([many, found(), found()], LOOKS, 0.6)
    assert len(joined) == 300
    assert joined.score[0] == many.score.max()


ZOOMS = np.array([0.5, 1.0, 1.0])


def test_what_one_zoom_alone_sees_loses_half_of_what_the_others_should_have_seen() -> None:
    box = (40, 40, 70, 60)
    alone = merge([found(), found((*box, 0.8)), found()], LOOKS, 0.6, ZOOMS)
    np.testing.assert_allclose(alone.score, [(0.8 + (0.8 + 0.0) / 2) / 2])
    agreed = merge([found((*box, 0.6)), found((*box, 0.8)), found()], LOOKS, 0.6, ZOOMS)
    np.testing.assert_allclose(agreed.score, [(0.8 + (0.8 + 0.6) / 2) / 2], rtol=1e-6)


def test_what_is_tiny_to_the_whole_frame_keeps_its_score() -> None:
    tiny = merge([found(), found((40, 40, 55, 50, 0.8)), found()], LOOKS, 0.6, ZOOMS)
    np.testing.assert_allclose(tiny.score, [0.8], rtol=1e-6)


def test_a_class_of_large_things_is_taken_from_the_whole_frame_only() -> None:
    spots = Spots(whole_only=frozenset({0}))
    picture = np.zeros((300, 400, 3), np.uint8)
    picture[40, 50] = 255
    assert len(detect_tiled(spots, picture)) == 1
    assert len(spots.seen) > 2


@dataclass
class Spots:
    """Sees every white pixel of a picture as a box; remembers the sizes it was shown."""

    tile: int = 100
    size: int = 100
    nms_iou: float = 0.6
    whole_only: frozenset[int] = frozenset()
    seen: list[tuple[int, ...]] = field(default_factory=list)

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        self.seen.append(bgr.shape)
        rows, columns = np.nonzero(bgr[..., 0] == 255)
        xyxy = np.column_stack([columns, rows, columns + 1, rows + 1]).astype(np.float32)
        return Detections(
            xyxy, np.full(len(xyxy), 0.9, np.float32), np.zeros(len(xyxy), dtype=np.int64)
        )


def test_what_any_tile_sees_is_found_once_at_its_place() -> None:
    picture, spots = np.zeros((150, 320, 3), np.uint8), Spots()
    places = [(0, 0), (149, 319), (75, 160), (90, 90), (120, 200)]
    for row, column in places:
        picture[row, column] = 255
    boxes = detect_tiled(spots, picture).xyxy
    assert {(int(y), int(x)) for x, y, _, _ in boxes} == set(places)
    assert len(boxes) == len(places)
    assert spots.seen[0] == (150, 320, 3)
    assert set(spots.seen[1:]) == {(100, 100, 3), (150, 154, 3)}  # two sizes of tiles


def test_a_picture_no_larger_than_a_tile_is_looked_at_once() -> None:
    spots = Spots()
    detect_tiled(spots, np.zeros((50, 90, 3), np.uint8), 100)
    assert spots.seen == [(50, 90, 3)]
