"""The list of cameras: everything wrong is named at once, no password shows, zones are whole."""

import json
import os
import re
import threading
from pathlib import Path

import pytest

from tests.gateway.river_cameras import CAMERAS, bare_registry, entry, write_list
from xunhe.adapters import registry_file
from xunhe.adapters.cameras_file import load_cameras, load_zones, save_zones, stamp
from xunhe.domain.camera import Turn
from xunhe.domain.registry import RegistryError
from xunhe.domain.zones import WaterZone, Zones, ZonesError

ONE, TWO = CAMERAS
SQUARE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo's registry without its cameras."""
    return bare_registry(tmp_path / "registry")


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(RegistryError) as caught:
        registry_file.load(folder)
    return caught.value.problems


def test_a_registry_without_a_list_has_no_cameras(tmp_path: Path) -> None:
    assert load_cameras(tmp_path) == {}


def test_an_entry_becomes_a_camera_of_the_registry(folder: Path) -> None:
    write_list(folder, entry(ONE), entry(TWO, substream='"rtsp://192.0.2.2/sub"'))
    cameras = registry_file.load(folder).cameras
    assert cameras["YX-C1"] == ONE
    assert (cameras["YX-C1"].watched, cameras["YX-C2"].watched) == (ONE.url, "rtsp://192.0.2.2/sub")


def test_every_problem_of_the_list_is_named_at_once_with_its_camera(folder: Path) -> None:
    write_list(
        folder,
        entry(ONE, positon_m="3", position_m=None, reach='"YX-9"'),
        entry(TWO, lon_lat="[30.3, 119.4]", name="7", url='"gopher://x/"', zones='"../etc.json"'),
        entry(TWO, code='"a/b"'),
        "[[camera]]",
    )
    found = "\n".join(problems_of(folder))
    for expected in (
        "camera YX-C1: position_m is missing",
        "camera YX-C1: unknown key positon_m; did you mean position_m?",
        "camera YX-C2: lon_lat must be [longitude, latitude] in degrees",
        "camera YX-C2: name must be text",
        "camera YX-C2: url: 不认识的协议 / unknown scheme 'gopher'",
        "camera YX-C2: zones '../etc.json' must be a .json file within the registry's folder",
        "camera a/b: code may hold letters",
        "camera number 4: url is missing",
    ):
        assert expected in found


def test_problems_of_an_entry_and_of_its_place_in_the_river_come_together(folder: Path) -> None:
    write_list(folder, entry(ONE, reach='"YX-9"'), entry(TWO, url='""'), entry(TWO, code='"YX-S1"'))
    assert problems_of(folder) == (
        "cameras.toml: camera YX-C2: url must be text",
        "YX-S1: a code names one place, not 2",
        "camera YX-C1: its reach YX-9 is not registered",
    )


def test_a_code_twice_is_named(folder: Path) -> None:
    write_list(folder, entry(ONE), entry(ONE))
    assert problems_of(folder) == ("cameras.toml: camera YX-C1: registered twice",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[cameras]]\ncode = 'x'", "unknown key cameras; did you mean camera?"),
        ("[camera]\ncode = 'x'", r"write \[\[camera\]\], in two pairs of brackets"),
        ("camera = ['x']", "in two pairs of brackets"),
        ("[[camera]\n", "line 1"),
    ],
)
def test_a_list_in_the_wrong_form_is_no_list_without_cameras(
    tmp_path: Path, text: str, expected: str
) -> None:
    (tmp_path / "cameras.toml").write_text(text, "utf-8")
    with pytest.raises(RegistryError, match=expected):
        load_cameras(tmp_path)


def test_a_list_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "cameras.toml").write_bytes("name = '摄像机'".encode("gbk"))
    with pytest.raises(RegistryError, match=r"cameras.toml"):
        load_cameras(tmp_path)


def test_no_password_is_in_what_a_camera_or_a_problem_shows(folder: Path) -> None:
    write_list(folder, entry(ONE, substream='"rtsp://admin:geheim@192.0.2.1/sub"'))
    assert "geheim" not in repr(registry_file.load(folder))
    for wrong in (
        entry(ONE, reach='"YX-9"', position_m='"geheim"'),
        entry(ONE, url='"gopher://admin:geheim@192.0.2.1/"'),
        entry(ONE, url='"rtsp://admin:geheim@"'),
        entry(ONE, url='"rtsp://admin:geheim@192.0.2.1/main'),
    ):
        write_list(folder, wrong)
        assert "geheim" not in "\n".join(problems_of(folder))


def test_a_camera_without_zones_sees_water_everywhere(tmp_path: Path) -> None:
    assert load_zones(tmp_path, ONE) == Zones.whole()


def test_saved_zones_come_back_and_nothing_else_is_left(tmp_path: Path) -> None:
    zones = Zones((WaterZone("主河道", SQUARE),))
    save_zones(tmp_path, ONE, zones)
    assert load_zones(tmp_path, ONE) == zones
    assert [path.name for path in (tmp_path / "zones").iterdir()] == ["YX-C1.json"]


def test_zones_that_cannot_be_written_leave_the_old_ones_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    zones = Zones((WaterZone("主河道", SQUARE),))
    save_zones(tmp_path, ONE, zones)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_zones(tmp_path, ONE, Zones.whole())
    assert load_zones(tmp_path, ONE) == zones
    assert len(list((tmp_path / "zones").iterdir())) == 1


def test_two_people_who_save_at_once_leave_the_zones_of_one_of_them(tmp_path: Path) -> None:
    long = Zones(tuple(WaterZone(f"水面{i}", SQUARE) for i in range(40)))
    choices = (Zones.whole(), long)

    def save(zones: Zones) -> None:
        for _ in range(3):
            save_zones(tmp_path, ONE, zones)

    threads = [threading.Thread(target=save, args=(zones,)) for zones in choices]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        threads[0].join(0.01)
        if (tmp_path / ONE.zones).exists():
            assert load_zones(tmp_path, ONE) in choices
    assert load_zones(tmp_path, ONE) in choices


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b'{"version": 9}'])
def test_a_broken_zones_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "zones").mkdir()
    (tmp_path / ONE.zones).write_bytes(content)
    with pytest.raises(ZonesError, match=r"zones/YX-C1\.json: "):
        load_zones(tmp_path, ONE)


def test_zones_that_are_a_folder_are_named(tmp_path: Path) -> None:
    (tmp_path / ONE.zones).mkdir(parents=True)
    with pytest.raises(ZonesError, match="directory"):
        load_zones(tmp_path, ONE)


def test_the_manuals_examples_are_sound(folder: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs/cameras.md").read_text("utf-8")
    lists = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    (folder / "cameras.toml").write_text("\n".join(lists), "utf-8")
    camera, *views = registry_file.load(folder).cameras.values()
    (drawn,) = re.findall(r"```json\n(.*?)```", manual, re.DOTALL)
    zones = Zones.parse(json.loads(drawn))
    assert camera.code == "YX-C1"
    assert [view.turn and view.turn.preset for view in views] == ["1", "2"]
    assert [outfall.code for outfall in zones.outfalls] == ["YX-P1"]
    assert zones.ground is not None


def test_the_stamp_changes_with_the_list_and_with_the_zones_of_its_cameras(folder: Path) -> None:
    seen = [stamp(folder, CAMERAS)]

    def changed() -> bool:
        seen.append(stamp(folder, CAMERAS))
        return seen[-1] != seen[-2]

    assert not changed()
    write_list(folder, entry(ONE))
    assert changed()
    save_zones(folder, ONE, Zones.whole())
    assert changed()
    save_zones(folder, ONE, Zones((WaterZone("主河道", SQUARE),)))
    assert changed()
    (folder / ONE.zones).unlink()
    assert changed()
    assert not changed()


def test_zones_may_lie_anywhere_in_the_folder_and_are_still_watched(folder: Path) -> None:
    write_list(folder, entry(ONE, zones='"river/north.json"'))
    cameras = load_cameras(folder).values()
    before = stamp(folder, cameras)
    save_zones(folder, *cameras, Zones.whole())
    assert json.loads((folder / "river/north.json").read_text("utf-8"))["version"] == 1
    assert stamp(folder, cameras) != before


DOME = '"http://u:p@192.0.2.9/onvif/device_service"'


def test_each_preset_of_a_dome_camera_is_a_camera_of_its_own(folder: Path) -> None:
    write_list(
        folder,
        entry(ONE, onvif=DOME, preset='"1"'),
        entry(TWO, onvif=DOME, preset='"2"', dwell_s=30, longest_s=90),
    )
    one, two = registry_file.load(folder).cameras.values()
    assert one.turn == Turn(DOME.strip('"'), "1", 60.0, 180.0)
    assert two.turn == Turn(DOME.strip('"'), "2", 30.0, 90.0)
    assert one.dome == two.dome
    assert "u:p" not in repr(one)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ({"onvif": DOME}, "onvif and preset belong together"),
        ({"preset": '"1"'}, "onvif and preset belong together"),
        ({"dwell_s": 30}, "dwell_s and longest_s belong to a preset"),
        ({"onvif": '"192.0.2.9"', "preset": '"1"'}, "onvif must be the http:// address"),
        ({"onvif": DOME, "preset": '"1"', "dwell_s": '"a"'}, "dwell_s must be a number of seconds"),
        ({"onvif": DOME, "preset": '"1"', "dwell_s": 200}, "0 < dwell_s <= longest_s must hold"),
    ],
)
def test_a_turn_that_makes_no_sense_is_named(
    folder: Path, rows: dict[str, object], problem: str
) -> None:
    write_list(folder, entry(ONE, **rows))
    assert problem in "\n".join(problems_of(folder))
