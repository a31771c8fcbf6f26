"""`xunhe model data check` as its users meet it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.models.data.small_sets import pictures, write_csv, write_yolo
from xunhe_tools.cli import app


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["model", "data", "check", *map(str, arguments)])


def test_a_good_data_set_is_counted_and_leaves_with_nought(tmp_path: Path) -> None:
    result = check(write_csv(tmp_path / "set"))
    assert result.exit_code == 0
    assert "csv: 3 张图 pictures, 3 个框 boxes, 1 张无框 without any" in result.stdout
    assert "set/canal" in result.stdout
    assert "✓" in result.stdout


def test_json_holds_the_same_for_scripts(tmp_path: Path) -> None:
    result = check(write_yolo(tmp_path / "set"), "--json", "--split-sites", "lake")
    report = json.loads(result.stdout)
    assert result.exit_code == 0
    assert report["layout"] == "yolo"
    assert report["boxes_by_class"] == {"litter": 2, "vegetation_mat": 1}
    assert report["sites"]["set/lake"] == {"pictures": 1, "boxes": 0}
    assert report["split"] == {"test_sites": ["set/lake"], "train": 2, "test": 1}
    assert report["losses"] == 0


def test_lost_boxes_leave_with_one_and_the_next_step(tmp_path: Path) -> None:
    root = write_csv(tmp_path / "set")
    with (root / "labels.csv").open("a") as file:
        file.write("lake_0001.png,80,60,1,1,9,9,[b]boat[/b]\n")
        file.write("lake_0001.png,80,60,90,90,99,99,bottle\n")
    result = check(root)
    assert result.exit_code == 1
    assert "labels.csv line 6: [b]boat[/b]" in result.stdout
    assert "框在图外 / box outside: 1" in result.stdout
    assert "--label CLASS=" in result.stdout
    report = json.loads(check(root, "--json").stdout)
    assert {(p["where"], p["reason"], p["loses"]) for p in report["problems"]} == {
        ("labels.csv line 6", "unknown class", True),
        ("labels.csv line 7", "box outside the picture", True),
    }


def test_a_class_can_be_given_a_meaning(tmp_path: Path) -> None:
    root = write_csv(tmp_path / "set")
    with (root / "labels.csv").open("a") as file:
        file.write("lake_0001.png,80,60,1,1,9,9,boat\n")
    assert check(root).exit_code == 1
    assert check(root, "--label", "boat=").exit_code == 0
    report = json.loads(check(root, "--json", "--label", "boat=litter").stdout)
    assert report["boxes_by_class"]["litter"] == 3


def test_the_same_picture_on_both_sides_is_refused_with_its_names(tmp_path: Path) -> None:
    root = write_csv(tmp_path / "set")
    (root / "images/lake_0001.png").write_bytes((root / "images/canal_0001.png").read_bytes())
    result = check(root, "--split-sites", "lake")
    assert result.exit_code == 1
    assert "images/canal_0001.png = images/lake_0001.png (0 bits)" in result.stdout
    report = json.loads(check(root, "--split-sites", "lake", "--json").stdout)
    names = ["images/canal_0001.png", "images/lake_0001.png", 0]
    assert report["split"]["duplicates"] == [names]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--layout", "cocoa"), "did you mean coco"),
        (("--split-sites", "moon"), "sites: set/canal, set/lake"),
        (("--label", "boat"), "write CLASS=LABEL"),
        (("--site", "("), "site pattern"),
    ],
)
def test_a_wrong_option_says_what_to_write(
    options: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    result = check(write_csv(tmp_path / "set"), *options)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_folder_without_labels_and_no_folder_leave_with_two(tmp_path: Path) -> None:
    pictures(tmp_path / "bare")
    bare, absent = check(tmp_path / "bare"), check(tmp_path / "absent")
    assert bare.exit_code == absent.exit_code == 2
    assert "no labels that are known" in " ".join(bare.stderr.split())
    assert "does not exist" in " ".join(absent.stderr.split())


def test_a_name_that_is_no_utf_8_is_printed_nevertheless(tmp_path: Path) -> None:
    root = write_csv(tmp_path / "set")
    name = b"\xff_0001.png".decode("utf-8", "surrogateescape")
    (root / "images" / name).write_bytes(b"")
    assert check(root).exit_code == 0
    assert check(root, "--json").exit_code == 0
