"""The same pictures and boxes come out of every layout."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.models.data.small_sets import (
    HEADER,
    TRUTH,
    Truth,
    coco,
    pictures,
    save,
    voc_xml,
    write_coco,
    write_csv,
    write_voc,
    write_yolo,
)
from xunhe_models.data.dataset import Dataset
from xunhe_models.data.layouts.reading import read
from xunhe_models.data.layouts.yolo_names import yaml_names
from xunhe_models.data.pictures import IGNORE
from xunhe_models.data.problems import LayoutError, Reason

WRITERS: dict[str, Callable[[Path], Path]] = {
    "csv": write_csv,
    "yolo": write_yolo,
    "coco": write_coco,
    "voc": write_voc,
}
OURS = {"bottle": "litter", "water_hyacinth": "vegetation_mat"}


def rounded(dataset: Dataset) -> dict[str, list[tuple[float, ...] | str]]:
    return {
        picture.path.stem: [
            (*(round(float(v), 3) for v in (b.x0, b.y0, b.x1, b.y1)), b.label)
            for b in picture.boxes
        ]
        for picture in dataset.pictures
    }


def expected(truth: Truth = TRUTH) -> dict[str, list[tuple[float | str, ...]]]:
    return {name: [(*row[:4], OURS[row[4]]) for row in boxes] for name, boxes in truth.items()}


@pytest.mark.parametrize("layout", WRITERS)
def test_every_layout_is_recognised_and_gives_the_same_pictures(
    layout: str, tmp_path: Path
) -> None:
    dataset = read(WRITERS[layout](tmp_path / "set"))
    assert dataset.layout == layout
    assert rounded(dataset) == expected()
    assert dataset.problems == ()
    assert set(dataset.sizes.values()) == {(80, 60)}
    assert dataset.sites == ("set/canal", "set/lake")


@pytest.mark.parametrize("layout", WRITERS)
def test_a_layout_can_be_named(layout: str, tmp_path: Path) -> None:
    assert rounded(read(WRITERS[layout](tmp_path), layout)) == expected()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("nc: 2\nnames: [a, 'b c']  # two\n", {0: "a", 1: "b c"}),
        ('names:\n  - a\n  - "b"\nnc: 2\n', {0: "a", 1: "b"}),
        ("names:\n- a\n- b\nval: x\n", {0: "a", 1: "b"}),
        ("names:\n  0: a\n  2: 'b'\n", {0: "a", 2: "b"}),
        ("names: {0: a, 1: b}\n", {0: "a", 1: "b"}),
        ("names: [\n  'a',\n  'b',\n]\n", {0: "a", 1: "b"}),
        ("names: ['', b]\n", {0: "", 1: "b"}),
        ("names: [漂浮物]\n", {0: "漂浮物"}),
        ("path: x\n", {}),
        ("names:\n", {}),
        ("names: 7\n", {}),
    ],
)
def test_the_common_forms_of_a_list_of_names_are_read(text: str, names: dict[int, str]) -> None:
    assert yaml_names(text) == names


def test_yolo_reads_classes_txt_and_labels_beside_the_pictures(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("1 0.5 0.5 0.5 0.5\n")
    (tmp_path / "classes.txt").write_text("person\nbottle\n")
    dataset = read(tmp_path)
    assert rounded(dataset) == {"a": [(20.0, 15.0, 60.0, 45.0, "litter")]}
    assert dataset.problems == ()


def test_yolo_pictures_with_nothing_to_find_are_a_data_set(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "classes.txt").write_text("bottle\n")
    assert rounded(read(tmp_path)) == {"a": []}


def test_yolo_takes_the_bounds_of_a_polygon(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("0 0.25 0.5 0.75 0.25 0.5 0.75\n")
    (tmp_path / "classes.txt").write_text("bottle\n")
    assert rounded(read(tmp_path)) == {"a": [(20.0, 15.0, 60.0, 45.0, "litter")]}


def test_pictures_of_the_same_name_in_two_parts_are_kept_apart(tmp_path: Path) -> None:
    for part, x1 in (("train", 20), ("valid", 30)):
        pictures(tmp_path / part / "images", ["0001"])
        (tmp_path / part / "annotations").mkdir()
        xml = voc_xml("0001", [(10, 10, x1, 20, "bottle")])
        (tmp_path / part / "annotations/0001.xml").write_text(xml)
    found = {p.path.parts[-3]: p.boxes[0].x1 for p in read(tmp_path).pictures}
    assert found == {"train": 20, "valid": 30}


def test_a_picture_that_was_re_encoded_is_found_by_its_stem(tmp_path: Path) -> None:
    pictures(tmp_path / "images", suffix=".webp")
    (tmp_path / "annotations.json").write_text(json.dumps(coco(suffix=".JPG")))
    assert rounded(read(tmp_path)) == expected()


def test_a_name_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    save(tmp_path / "secret.png")
    root = write_csv(tmp_path / "set")
    with (root / "labels.csv").open("a") as file:
        file.write("../../secret.png,80,60,1,1,9,9,bottle\n")
        file.write(f"{tmp_path}/secret.png,80,60,1,1,9,9,bottle\n")
    dataset = read(root)
    assert rounded(dataset) == expected()
    assert [p.reason for p in dataset.problems] == [Reason.MISSING_IMAGE] * 2


def test_crowds_and_difficult_objects_become_places_to_leave_out(tmp_path: Path) -> None:
    content = coco()
    content["annotations"][0]["iscrowd"] = 1
    pictures(tmp_path / "coco/images")
    (tmp_path / "coco/x.json").write_text(json.dumps(content))
    assert read(tmp_path / "coco").pictures[0].boxes[0].label == IGNORE
    root = write_voc(tmp_path / "voc")
    xml = root / "Annotations/canal_0002.xml"
    xml.write_text(xml.read_text().replace("<difficult>0", "<difficult>1"))
    assert [p.boxes[0].label for p in read(root).pictures if p.boxes] == ["litter", IGNORE]


def test_a_csv_may_name_its_sites(tmp_path: Path) -> None:
    save(tmp_path / "a.png")
    header = HEADER.strip() + ",site\n"
    (tmp_path / "x.csv").write_text(header + "a.png,80,60,1,1,9,9,bottle,东桥/cam1\n", "utf-8")
    assert read(tmp_path).sites == ("东桥/cam1",)


def test_boxes_follow_a_picture_that_was_made_smaller(tmp_path: Path) -> None:
    save(tmp_path / "a.png", width=80, height=60)
    row = "a.png,160,120,20,20,40,60,bottle\n"
    (tmp_path / "labels.csv").write_text(HEADER + row)
    dataset = read(tmp_path)
    assert rounded(dataset) == {"a": [(10.0, 10.0, 20.0, 30.0, "litter")]}
    assert [p.reason for p in dataset.problems] == [Reason.SCALED]


def test_a_users_own_names_come_first(tmp_path: Path) -> None:
    more = {"Bottle": "vegetation_mat", "water hyacinth": ""}
    dataset = read(write_csv(tmp_path), labels=more)
    assert [b.label for p in dataset.pictures for b in p.boxes] == ["vegetation_mat"] * 2
    assert dataset.problems == ()


def test_a_users_own_pattern_names_the_sites(tmp_path: Path) -> None:
    root = write_csv(tmp_path / "set")
    assert read(root, site=r"(\w)_000").sites == ("set/e", "set/l")
    assert read(root, site=r"canal").sites == ("set/canal", "set/lake")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"layout": "voz"}, "did you mean voc"),
        ({"labels": {"bottle": "junk"}}, "choose one of litter, vegetation_mat"),
        ({"site": "("}, "site pattern '\\('"),
    ],
)
def test_a_wish_that_cannot_be_met_says_what_to_change(
    arguments: dict[str, object], said: str, tmp_path: Path
) -> None:
    with pytest.raises(LayoutError, match=said):
        read(write_csv(tmp_path), **arguments)  # type: ignore[arg-type]


def test_a_folder_without_labels_and_one_that_is_not_there_say_so(tmp_path: Path) -> None:
    pictures(tmp_path)
    with pytest.raises(LayoutError, match="3 pictures and no labels"):
        read(tmp_path)
    for layout in WRITERS:
        with pytest.raises(LayoutError, match=f"no labels of the layout {layout}"):
            read(tmp_path, layout)
    with pytest.raises(LayoutError, match="does not exist"):
        read(tmp_path / "nothing")
    with pytest.raises(LayoutError, match="name its folder"):
        read(tmp_path / "lake_0001.png")
