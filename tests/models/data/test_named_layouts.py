"""Public data sets by name, on tiny copies of their trees."""

import json
from pathlib import Path

from tests.models.data.small_sets import (
    TRUTH,
    Truth,
    coco,
    pictures,
    save,
    write_csv,
    write_voc,
    write_yolo,
)
from xunhe_models.data.dataset import Dataset
from xunhe_models.data.layouts.reading import read


def labels(dataset: Dataset) -> set[str]:
    return {box.label for picture in dataset.pictures for box in picture.boxes}


def test_river_plastic_is_told_by_its_locations(tmp_path: Path) -> None:
    truth: Truth = {
        "Grogol_Location_1_2018-05-02_08-45-00-05_cam6": [(1, 1, 20, 20, "plastic")],
        "Grogol_Location_3_2018-05-09_11-00-00-05_cam3": [(1, 1, 20, 20, "plastic")],
    }
    dataset = read(write_csv(tmp_path, truth))
    assert dataset.layout == "river-plastic"
    assert dataset.sites == ("river-plastic/location-1", "river-plastic/location-3")
    assert labels(dataset) == {"litter"}


def test_litter_land_is_one_site_of_litter(tmp_path: Path) -> None:
    truth: Truth = {"000": [(1, 1, 20, 20, "glass")], "001": [(1, 1, 20, 20, "metal")]}
    dataset = read(write_csv(tmp_path / "litter-land", truth))
    assert (dataset.layout, dataset.sites) == ("litter-land", ("litter-land",))
    assert labels(dataset) == {"litter"}


def test_flow_img_keeps_the_parts_of_its_publishers(tmp_path: Path) -> None:
    for part in ("training", "test"):
        truth: Truth = {"000001": [(1, 1, 20, 20, "bottle")]}
        write_voc(tmp_path, truth, f"{part}/annotations", f"{part}/images")
    dataset = read(tmp_path)
    assert (dataset.layout, dataset.sites) == ("flow-img", ("flow-img/test", "flow-img/training"))
    assert len(dataset.pictures) == 2
    assert labels(dataset) == {"litter"}


def test_isood_outfalls_keep_their_own_label(tmp_path: Path) -> None:
    truth: Truth = {"a_1": [(1, 1, 20, 20, "pipe"), (30, 30, 50, 50, "box culvert")]}
    dataset = read(write_yolo(tmp_path / "iSOOD", truth))
    assert dataset.layout == "isood"
    assert labels(dataset) == {"outfall"}


def test_every_class_of_iwhr_is_floating_litter(tmp_path: Path) -> None:
    truth: Truth = {"a_1": [(1, 1, 20, 20, "floater"), (30, 30, 50, 50, "branch")]}
    yolo = read(write_yolo(tmp_path / "IWHR_AI_Lable_Floater_V1", truth))
    voc = read(write_voc(tmp_path / "iwhr", truth))
    assert yolo.layout == voc.layout == "iwhr-floater"
    assert labels(yolo) == labels(voc) == {"litter"}


def test_taco_reads_the_reviewed_file_and_takes_batches_for_sites(tmp_path: Path) -> None:
    names = ["batch_1/000006", "batch_12/000001"]
    pictures(tmp_path / "data", names, ".jpg")
    truth: Truth = {name: [(1, 1, 20, 20, "Clear plastic bottle")] for name in names}
    content = coco(truth, ".JPG") | {"info": {"description": "TACO"}}
    (tmp_path / "data/annotations.json").write_text(json.dumps(content))
    (tmp_path / "data/annotations_unofficial.json").write_text(json.dumps(coco(TRUTH)))
    dataset = read(tmp_path)
    assert (dataset.layout, dataset.problems) == ("taco", ())
    assert dataset.sites == ("taco/batch_1", "taco/batch_12")
    assert labels(dataset) == {"litter"}


def test_uavvaste_flights_are_its_sites(tmp_path: Path) -> None:
    names = ["batch_s02_img_116", "BATCH_d06_img_2840", "GOPR0044", "GOPR0045"]
    for seed, name in enumerate(names):
        save(tmp_path / f"images/{name}.jpg", seed)
    truth: Truth = {name: [(1, 1, 20, 20, "rubbish")] for name in names}
    content = coco(truth, ".jpg") | {"info": {"description": "UAVVaste dataset"}}
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations/annotations.json").write_text(json.dumps(content))
    dataset = read(tmp_path)
    assert dataset.layout == "uavvaste"
    assert dataset.sites == ("uavvaste/BATCH_d06_img", "uavvaste/GOPR", "uavvaste/batch_s02_img")
