"""A registry is read whole or not at all, and everything wrong with it is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.conftest import DEMO_REGISTRY
from xunhe.adapters.registry_file import load
from xunhe.domain.registry import RegistryError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO_REGISTRY, tmp_path / "registry"))


def change(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "reaches.geojson"
    collection = json.loads(path.read_text("utf-8"))
    edit({f["properties"].get("code"): f for f in collection["features"]})
    path.write_text(json.dumps(collection), "utf-8")


def problems(folder: Path) -> str:
    with pytest.raises(RegistryError) as raised:
        load(folder)
    return str(raised.value)


def test_the_demo_registry_is_consistent_and_its_lengths_agree_with_its_lines() -> None:
    registry = load(DEMO_REGISTRY)
    assert len(registry.stations) == 3
    assert {len(registry.posts_of(reach)) for reach in registry.reaches} == {4}


def test_sources_sections_and_intakes_are_read_with_their_files() -> None:
    registry = load(DEMO_REGISTRY)
    farm = registry.sources["BJ-W1"]
    assert (farm.kind.label_zh, farm.reach, farm.findings, farm.permit) == (
        "畜禽养殖",
        "BJ-1",
        2,
        None,
    )
    assert "nh3n_mg_l" in farm.pollutants
    assert registry.sections["YX-D2"].kind.label_zh == "交界"
    assert registry.intakes["YX-Q1"].use.label_zh == "饮用水"
    assert registry.place("YX-Q1").reach == "YX-3"


def test_a_registry_without_any_of_them_is_as_good(folder: Path) -> None:
    def drop(collection: dict[str, Any]) -> None:
        kept = ("reach", "lake", "station", "outfall")
        features = [f for f in collection["features"] if f["properties"]["kind"] in kept]
        for feature in features:
            for key in ("velocity_basis", "velocity_range_m_s", "velocity_at_level"):
                feature["properties"].pop(key, None)
        collection["features"] = features

    path = folder / "reaches.geojson"
    collection = json.loads(path.read_text("utf-8"))
    drop(collection)
    path.write_text(json.dumps(collection), "utf-8")
    registry = load(folder)
    assert (registry.sources, registry.sections, registry.intakes) == ({}, {}, {})
    assert registry.reaches["YX-1"].velocity_range_m_s is None


@pytest.mark.parametrize(
    ("code", "changes", "problem"),
    [
        ("BJ-W1", {"source_kind": "pond"}, "source BJ-W1: source_kind 'pond' is not one of"),
        ("BJ-W1", {"outfall": "X"}, "source BJ-W1: its outfall X is not registered"),
        ("BJ-W1", {"flow_m3_d": 0}, "source BJ-W1: findings must not be below 0"),
        ("BJ-W1", {"position_m": 1769}, "source BJ-W1: position_m 1769 is outside reach BJ-1"),
        ("YX-D1", {"target": "VII"}, "section YX-D1: target 'VII' is not one of"),
        ("YX-D1", {"station": "X"}, "section YX-D1: its station X is not registered"),
        ("YX-Q1", {"use": "bath"}, "intake YX-Q1: use 'bath' is not one of drinking"),
        ("YX-1", {"velocity_range_m_s": [0.7, 0.9]}, "must be above 0 and hold velocity_m_s 0.6"),
        ("YX-1", {"velocity_range_m_s": [0.6, 0.6], "velocity_basis": "dream"}, "'dream' is not"),
        ("YX-2", {"velocity_at_level": [[1, 0.4], [1, 0.5]]}, "velocity_at_level must ascend"),
        ("YX-2", {"velocity_at_level": [[1, 0]]}, "velocity_at_level must be above 0"),
    ],
)
def test_what_is_wrong_with_what_lies_along_the_river_is_named(
    folder: Path, code: str, changes: dict[str, Any], problem: str
) -> None:
    change(folder, lambda f: f[code]["properties"].update(changes))
    assert problem in problems(folder)


def test_a_missing_downstream_reach_is_named(folder: Path) -> None:
    change(folder, lambda f: f["YX-1"]["properties"].update(downstream="YX-9"))
    assert "reach YX-1: its downstream reach YX-9 is not registered" in problems(folder)


def test_a_circle_is_named(folder: Path) -> None:
    change(folder, lambda f: f["YX-3"]["properties"].update(downstream="YX-1"))
    assert "reach YX-3: following downstream from it never leaves a circle" in problems(folder)


def test_a_station_outside_its_reach_and_one_without_reach_are_both_named(folder: Path) -> None:
    def edit(features: dict[str, Any]) -> None:
        features["YX-S1"]["properties"].update(position_m=2401)
        features["YX-S2"]["properties"].update(reach="NOWHERE")

    change(folder, edit)
    found = problems(folder)
    assert "station YX-S1: position_m 2401 is outside reach YX-1 (0 to 2400 m)" in found
    assert "station YX-S2: its reach NOWHERE is not registered" in found


def test_missing_keys_and_wrong_values_are_named_with_their_feature(folder: Path) -> None:
    def edit(features: dict[str, Any]) -> None:
        del features["YX-1"]["properties"]["target"]
        features["YX-2"]["properties"].update(target="VII")
        features["YX-P1"]["properties"].update(kind="pond")

    change(folder, edit)
    found = problems(folder)
    assert "reach YX-1: target is missing" in found
    assert "reach YX-2: target 'VII' is not one of I, II" in found
    assert "kind 'pond'" in found


def edit_duty(folder: Path, old: str, new: str) -> None:
    path = folder / "duty.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_a_reach_without_its_four_chiefs_is_named(folder: Path) -> None:
    edit_duty(folder, 'reaches = ["YX-3"]', 'reaches = ["YX-2"]')
    found = problems(folder)
    assert "reach YX-3: 0 posts at village level, must be 1" in found
    assert "reach YX-2: 2 posts at village level, must be 1" in found


def test_two_persons_on_one_post_at_a_time_are_named(folder: Path) -> None:
    edit_duty(folder, 'post = "VILLAGE-2"\nperson = "P6"', 'post = "VILLAGE-1"\nperson = "P6"')
    assert "post VILLAGE-1: P5 and P6 hold it at the same time" in problems(folder)


def test_a_date_without_offset_is_refused(folder: Path) -> None:
    edit_duty(folder, "2024-01-01T00:00:00+08:00", "2024-01-01T00:00:00")
    assert "must be a date-time with its offset" in problems(folder)


def test_a_file_that_is_missing_or_broken_is_named(folder: Path) -> None:
    (folder / "reaches.geojson").write_text("{")
    assert "reaches.geojson" in problems(folder)
    (folder / "reaches.geojson").unlink()
    assert "reaches.geojson does not exist" in problems(folder)
