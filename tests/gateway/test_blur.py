"""What identifies people is hidden in what leaves the gateway. How well: docs/evidence.md."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.gateway.conftest import START
from tests.gateway.proofs import BOXES, add_incident, jpeg, proof
from xunhe.adapters.blur import Blur, hidden
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.export_review import export_review
from xunhe.adapters.proof import Keeper, keep
from xunhe.adapters.store import verdicts
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.verdicts import Verdict
from xunhe_models.privacy.faces import FaceFinder
from xunhe_models.privacy.plates import find_plates

Picture = NDArray[np.uint8]
_INK = {"blue": (255, 255, 255), "yellow": (10, 10, 10)}
_SHEET = {"blue": (180, 80, 30), "yellow": (30, 190, 245)}


def street(colour: str, width_px: int) -> tuple[Picture, tuple[int, int, int, int]]:
    """A grey car with a plate of that width, BGR, and where the plate is."""
    plate = np.full((140, 440, 3), _SHEET[colour], np.uint8)
    cv2.putText(plate, "A 12M67", (14, 102), cv2.FONT_HERSHEY_SIMPLEX, 3.1, _INK[colour], 14)
    plate = cv2.resize(plate, (width_px, round(width_px * 140 / 440)), interpolation=cv2.INTER_AREA)
    picture = np.full((360, 640, 3), (150, 150, 145), np.uint8)
    x, y = 250, 180
    picture[y : y + plate.shape[0], x : x + width_px] = plate
    return picture, (x, y, x + width_px, y + plate.shape[0])


def drawn_face(size: int) -> Picture:
    """A face as simple as a network still takes for one: head, hair, eyes, nose, mouth."""
    sheet = np.full((400, 400, 3), (95, 110, 100), np.uint8)
    cv2.ellipse(sheet, (200, 190), (112, 140), 0, 0, 360, (40, 45, 60), -1)  # hair
    cv2.ellipse(sheet, (200, 215), (92, 122), 0, 0, 360, (150, 175, 215), -1)
    for x in (164, 236):
        cv2.ellipse(sheet, (x, 196), (19, 9), 0, 0, 360, (245, 245, 245), -1)
        cv2.circle(sheet, (x, 196), 8, (40, 40, 40), -1)
        cv2.ellipse(sheet, (x, 176), (24, 7), 0, 180, 360, (50, 55, 70), 5)
    cv2.ellipse(sheet, (200, 240), (14, 10), 0, 0, 180, (110, 135, 185), 4)
    cv2.ellipse(sheet, (200, 283), (36, 13), 0, 0, 360, (105, 105, 190), -1)
    sheet = cv2.GaussianBlur(sheet, (0, 0), 4)
    return np.asarray(cv2.resize(sheet, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def test_a_drawn_face_is_found_where_it_is() -> None:
    picture = np.full((300, 400, 3), (95, 110, 100), np.uint8)
    picture[60:220, 120:280] = drawn_face(160)
    found = FaceFinder().find(picture)
    assert len(found)
    x0, y0, x1, y1, score = found[0]
    assert 120 < (x0 + x1) / 2 < 280
    assert 60 < (y0 + y1) / 2 < 220
    assert score >= 0.25


def test_plain_water_holds_no_face_and_no_plate() -> None:
    water = np.full((240, 320, 3), (120, 130, 90), np.uint8)
    assert len(Blur().regions(water)) == 0


@pytest.mark.parametrize("colour", ["blue", "yellow"])
@pytest.mark.parametrize("width_px", [64, 120])
def test_a_plate_on_a_car_is_found_whole(colour: str, width_px: int) -> None:
    picture, (x0, y0, x1, y1) = street(colour, width_px)
    found = find_plates(picture)
    assert len(found) == 1
    assert np.abs(found[0] - (x0, y0, x1, y1)).max() <= 5


def test_a_blue_sheet_without_characters_stays() -> None:
    picture = np.full((360, 640, 3), (150, 150, 145), np.uint8)
    picture[180:212, 250:350] = _SHEET["blue"]
    assert len(find_plates(picture)) == 0


def test_what_is_hidden_cannot_be_read_and_the_rest_stays() -> None:
    picture, (x0, y0, x1, y1) = street("blue", 120)
    blurred = Blur().picture(picture)
    before, after = picture[y0:y1, x0:x1, 2].std(), blurred[y0:y1, x0:x1, 2].std()
    assert after < 0.5 * before
    assert (blurred[:100] == picture[:100]).all()


def test_hiding_works_at_the_edges_and_on_single_pixels() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)
    regions = np.array(((-0.4, 0, 1, 1), (59, 39, 60, 40), (10, 10, 10, 20)), np.float32)
    assert hidden(picture, regions.clip(0)).shape == picture.shape


def test_bytes_that_are_no_picture_never_pass() -> None:
    with pytest.raises(ValueError, match="无法遮挡"):
        Blur().jpeg(b"not a picture")


def test_an_exported_picture_is_blurred_unless_asked_otherwise(
    tmp_path: Path, database: Database
) -> None:
    picture, (x0, y0, x1, y1) = street("blue", 120)
    clean = bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    store = EvidenceStore(tmp_path / "evidence")
    kept = Keeper(Budget(database, store, 2**22)).put(
        proof(clean_jpeg=clean, boxes=BOXES[1:]), START
    )
    with database.write() as connection:
        keep(connection, kept, add_incident(connection, 1), None, START)
        verdicts.add(connection, Verdict(1, START, "甲", True))
    export_review(database, store, tmp_path / "o", blur=Blur())
    written = cv2.imread(str(tmp_path / "o/confirmed/images/YX-C1-000001.jpg"))
    assert written is not None
    assert written.shape == picture.shape
    assert written[y0:y1, x0:x1, 2].std() < 0.5 * picture[y0:y1, x0:x1, 2].std()
    assert jpeg() != clean
