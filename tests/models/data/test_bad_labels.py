"""Bad labels and bad pictures are named, one by one, and the rest is read."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.models.data.small_sets import HEADER, coco, save, voc_xml
from xunhe_models.data.dataset import Dataset
from xunhe_models.data.layouts.reading import read
from xunhe_models.data.pictures import IGNORE
from xunhe_models.data.problems import Problem, Reason

GOOD = "a.png,80,60,10,10,30,30,bottle\n"


def read_csv(folder: Path, *rows: str) -> Dataset:
    save(folder / "a.png")
    (folder / "labels.csv").write_text(HEADER + GOOD + "".join(rows), "utf-8")
    return read(folder, "csv")


def only(dataset: Dataset) -> Problem:
    assert len(dataset.problems) == 1, dataset.problems
    return dataset.problems[0]


@pytest.mark.parametrize(
    ("row", "reason", "boxes"),
    [
        ("a.png,80,60,70,50,90,70,bottle\n", Reason.CLIPPED, 2),
        ("a.png,80,60,-9,-9,5,5,bottle\n", Reason.CLIPPED, 2),
        ("a.png,80,60,90,70,95,75,bottle\n", Reason.OUTSIDE, 1),
        ("a.png,80,60,-9,-9,-2,-2,bottle\n", Reason.OUTSIDE, 1),
        ("a.png,80,60,79.5,10,95,30,bottle\n", Reason.OUTSIDE, 1),
        ("a.png,80,60,10,10,10,30,bottle\n", Reason.NO_AREA, 1),
        ("a.png,80,60,30,30,10,10,bottle\n", Reason.NO_AREA, 1),
        ("a.png,80,60,40,40,60,55,spaceship\n", Reason.UNKNOWN_CLASS, 2),
        ("a.png,80,60,40,40,60,55,\n", Reason.UNKNOWN_CLASS, 2),
        ("b.png,80,60,40,40,60,55,bottle\n", Reason.MISSING_IMAGE, 1),
        (",80,60,40,40,60,55,bottle\n", Reason.MISSING_IMAGE, 1),
        ("a.png,80,60,x,40,60,55,bottle\n", Reason.MALFORMED, 1),
        ("a.png,80,60,,40,60,55,bottle\n", Reason.MALFORMED, 1),
        ("a.png,80,60,nan,40,60,55,bottle\n", Reason.MALFORMED, 1),
        ("a.png,80,60,40,40,inf,55,bottle\n", Reason.MALFORMED, 1),
        ("a.png,80,60\n", Reason.MALFORMED, 1),
        ("a.png,80,60,40,40,60,55,bottle,more\n", Reason.MALFORMED, 1),
        (GOOD, Reason.DUPLICATE, 1),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_others_stay(
    row: str, reason: Reason, boxes: int, tmp_path: Path
) -> None:
    dataset = read_csv(tmp_path, row)
    problem = only(dataset)
    assert problem.reason is reason
    assert problem.where == "labels.csv line 3"
    assert sum(len(p.boxes) for p in dataset.pictures) == boxes
    for box in dataset.pictures[0].boxes:
        assert 0 <= box.x0 < box.x1 <= 80
        assert 0 <= box.y0 < box.y1 <= 60


def test_half_a_pixel_over_the_border_is_rounding(tmp_path: Path) -> None:
    dataset = read_csv(tmp_path, "a.png,80,60,40,40,80.4,60.5,bottle\n")
    assert dataset.problems == ()
    assert dataset.pictures[0].boxes[1].x1 == 80


def test_an_unknown_class_is_neither_litter_nor_water(tmp_path: Path) -> None:
    dataset = read_csv(tmp_path, "a.png,80,60,40,40,60,55,spaceship\n")
    assert [box.label for box in dataset.pictures[0].boxes] == ["litter", IGNORE]
    assert only(dataset).detail == "spaceship"


def test_a_size_of_another_aspect_leaves_the_picture_out(tmp_path: Path) -> None:
    dataset = read_csv(tmp_path, "a.png,60,80,40,40,60,55,bottle\n")
    problem = only(dataset)
    assert problem.reason is Reason.SIZE_DIFFERS
    assert "60 × 80 stated, 80 × 60 found" in problem.detail
    assert dataset.pictures == ()


def test_a_size_of_nought_is_no_size(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "a.xml").write_text(voc_xml("a", [(10, 10, 30, 30, "bottle")], (0, 0)))
    dataset = read(tmp_path)
    assert (len(dataset.pictures), dataset.problems) == (1, ())


def test_a_picture_lying_on_its_side_has_the_size_that_people_see(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 60)).save(tmp_path / "a.jpg", exif=exif)
    (tmp_path / "labels.csv").write_text(HEADER + "a.jpg,60,80,10,40,30,70,bottle\n")
    dataset = read(tmp_path)
    assert dataset.problems == ()
    assert list(dataset.sizes.values()) == [(60, 80)]


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\xff\xd8\xff\xe0 no picture", b"text"])
def test_an_unreadable_picture_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "b.png").write_bytes(content)
    dataset = read_csv(tmp_path, "b.png,80,60,1,1,9,9,bottle\n")
    assert only(dataset).reason is Reason.UNREADABLE
    assert only(dataset).where == "b.png"
    assert len(dataset.pictures) == 1


def test_a_header_that_claims_gigapixels_costs_nothing(tmp_path: Path) -> None:
    png = save(tmp_path / "b.png").read_bytes()
    (tmp_path / "b.png").write_bytes(png[:16] + b"\x00\x01\x00\x00" * 2 + png[24:])
    dataset = read_csv(tmp_path, "b.png,80,60,1,1,9,9,bottle\n")
    assert only(dataset).reason is Reason.UNREADABLE


def test_pictures_without_a_row_are_counted_in_one_line(tmp_path: Path) -> None:
    for seed in range(7):
        save(tmp_path / f"more_{seed}.png", seed)
    problem = only(read_csv(tmp_path))
    assert problem.reason is Reason.UNLABELLED
    assert problem.detail.startswith("7 left out: more_0.png")
    assert not problem.reason.loses


def test_a_csv_without_a_column_names_it(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image,width,height,xmin,ymin,xmax,class\n")
    assert only(read(tmp_path, "csv")).detail == "no column ymax"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("0 0.5 0.5 0.1", Reason.MALFORMED),
        ("0 0.5 0.5 0.1 0.1 0.9", Reason.MALFORMED),
        ("0 0.5 0.5 x 0.1", Reason.MALFORMED),
        ("bottle 0.5 0.5 0.1 0.1", Reason.MALFORMED),
        ("0 nan 0.5 0.1 0.1", Reason.MALFORMED),
        ("-1 0.5 0.5 0.1 0.1", Reason.MALFORMED),
        ("7 0.5 0.5 0.1 0.1", Reason.UNKNOWN_CLASS),
        (f"{'9' * 5000} 0.5 0.5 0.1 0.1", Reason.UNKNOWN_CLASS),
        ("0 0.5 0.5 0 0.1", Reason.NO_AREA),
        ("0 0.5 0.5 -0.1 0.1", Reason.NO_AREA),
        ("0 0.5 0.5 1.2 0.1", Reason.CLIPPED),
        ("0 1.5 0.5 0.1 0.1", Reason.OUTSIDE),
        ("0 40 30 10 10", Reason.OUTSIDE),  # pixels in place of parts
    ],
)
def test_a_bad_line_of_yolo_is_named(line: str, reason: Reason, tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "classes.txt").write_text("bottle\n")
    (tmp_path / "a.txt").write_text(f"0 0.2 0.2 0.1 0.1\n\n{line}\n")
    dataset = read(tmp_path, "yolo")
    assert (only(dataset).where, only(dataset).reason) == ("a.txt line 3", reason)


def test_a_label_file_whose_picture_is_gone_is_named(tmp_path: Path) -> None:
    save(tmp_path / "images/a.png")
    for name in ("a", "gone"):
        (tmp_path / "labels").mkdir(exist_ok=True)
        (tmp_path / f"labels/{name}.txt").write_text("0 0.2 0.2 0.1 0.1\n")
    (tmp_path / "classes.txt").write_text("bottle\n")
    problem = only(read(tmp_path))
    assert (problem.where, problem.reason) == ("labels/gone.txt", Reason.MISSING_IMAGE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"bbox": [1, 2, 3]}, Reason.MALFORMED),
        ({"bbox": None}, Reason.MALFORMED),
        ({"bbox": [1, 2, "x", 4]}, Reason.MALFORMED),
        ({"bbox": [1, 2, float("nan"), 4]}, Reason.MALFORMED),
        ({"bbox": [10, 10, -5, 5]}, Reason.NO_AREA),
        ({"bbox": [70, 10, 50, 5]}, Reason.CLIPPED),
        ({"image_id": 99}, Reason.MALFORMED),
        ({"image_id": [0]}, Reason.MALFORMED),
        ({"category_id": 99}, Reason.UNKNOWN_CLASS),
        ({"category_id": {"a": 1}}, Reason.UNKNOWN_CLASS),
    ],
)
def test_a_bad_annotation_of_coco_is_named(
    change: dict[str, object], reason: Reason, tmp_path: Path
) -> None:
    content = coco({"a": [(8, 6, 24, 18, "bottle")]})
    content["annotations"][0] |= change
    save(tmp_path / "a.png")
    (tmp_path / "x.json").write_text(json.dumps(content))
    dataset = read(tmp_path)
    assert (only(dataset).where, only(dataset).reason) == ("x.json annotation 0-0", reason)


def test_two_pictures_of_one_number_are_not_mixed_up(tmp_path: Path) -> None:
    content = coco({"a": [(8, 6, 24, 18, "bottle")], "b": []})
    content["images"][1]["id"] = 0
    save(tmp_path / "a.png")
    (tmp_path / "x.json").write_text(json.dumps(content))
    dataset = read(tmp_path)
    assert only(dataset).detail == "b.png: an earlier image has the same id"
    assert len(dataset.pictures) == 1


@pytest.mark.parametrize(
    "content",
    [
        '{"images": [], "annotations": [',
        '["images", "annotations"]',
        '{"images": 3, "annotations": {"bbox": 1}, "categories": ["x", 4]}',
        '{"images": [{"id": [1]}, 5], "annotations": [7, {"bbox": 1e999}], "categories": [{}]}',
        '{"images":' + "[" * 100_000 + '"annotations"',
        '{"images": [], "annotations": [], "x": ' + "9" * 5000 + "}",
    ],
)
def test_json_of_any_form_is_read_or_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content)
    dataset = read(tmp_path, "coco")
    assert dataset.pictures == ()
    assert all(p.where.startswith("x.json") for p in dataset.problems)


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<annotation><object>", Reason.MALFORMED),
        ("", Reason.MALFORMED),
        ("<?xml version='1.0' encoding='klingon'?><annotation/>", Reason.MALFORMED),
        ("<svg/>", Reason.MALFORMED),
        ("<annotation><object/></annotation>", Reason.MALFORMED),
        (voc_xml("a", [(10, 10, 8, 30, "bottle")]), Reason.NO_AREA),
        (voc_xml("a", [(10, 10, 20, 30, "spaceship")]), Reason.UNKNOWN_CLASS),
    ],
)
def test_a_bad_xml_file_is_named(xml: str, reason: Reason, tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "a.xml").write_text(xml)
    found = [p for p in read(tmp_path, "voc").problems if p.reason is not Reason.UNLABELLED]
    assert [(p.where.split()[0], p.reason) for p in found] == [("a.xml", reason)]


LABEL_FILES = {"csv": "labels.csv", "yolo": "a.txt", "coco": "x.json", "voc": "a.xml"}
BEGINNINGS = {
    "csv": (HEADER + GOOD).encode(),
    "yolo": b"0 0.2 0.2 0.1 0.1\n",
    "coco": json.dumps(coco({"a": [(8, 6, 24, 18, "bottle")]})).encode(),
    "voc": voc_xml("a", [(10, 10, 20, 30, "bottle")]).encode(),
}


@pytest.mark.parametrize("layout", LABEL_FILES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), noise=st.binary(max_size=40))
def test_no_damage_to_a_label_file_stops_the_reading(
    layout: str, data: st.DataObject, noise: bytes, tmp_path: Path
) -> None:
    if not (tmp_path / "a.png").exists():
        save(tmp_path / "a.png")
    good = BEGINNINGS[layout]
    at = data.draw(st.integers(0, len(good)))
    skip = data.draw(st.integers(0, 8))
    (tmp_path / LABEL_FILES[layout]).write_bytes(good[:at] + noise + good[at + skip :])
    dataset = read(tmp_path, layout)
    for picture in dataset.pictures:
        for box in picture.boxes:
            assert 0 <= box.x0 < box.x1 <= 80
            assert 0 <= box.y0 < box.y1 <= 60
