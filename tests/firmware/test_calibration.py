"""The store of calibrations: kept over a reset, whole or old, and never in the way of measuring."""

import json

import pytest

from xunhe_boot import files
from xunhe_buoy.calibration import Calibration, Calibrations

PH = Calibration("ph_mv", [[6.86, 5.0, 25.0]], 0.97, 4.5, 0.93, 1_760_000_000, "chen")
WARM = Calibration("temp_c", [[20.0, 20.2, 20.0]], 1.0, -0.2, None, 1_760_000_100, "chen")


def test_a_calibration_is_kept_with_points_time_and_person(tmp_path):
    path = str(tmp_path / "calibration.json")
    Calibrations(path).save("Y532@2", PH)
    kept = Calibrations(path).of("Y532@2")
    assert kept.to_json() == PH.to_json()
    assert kept.age_days(1_760_000_000 + 86400 * 3) == 3
    assert kept.age_days(None) is None
    assert Calibrations(path).of("Y504@1") is None


def test_one_probe_has_one_calibration_a_quantity_and_of_gives_the_newest(tmp_path):
    store = Calibrations(str(tmp_path / "c"))
    store.save("Y532@2", WARM)
    store.save("Y532@2", PH)
    store.save("Y532@2", Calibration("ph_mv", [], 0.99, 1.0, at_s=1_760_000_050))
    assert sorted(one.quantity for one in store.each("Y532@2")) == ["ph_mv", "temp_c"]
    assert store.of("Y532@2").quantity == "temp_c"
    store.forget("Y532@2")
    assert Calibrations(str(tmp_path / "c")).each("Y532@2") == ()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"Y532@2": 3}',
        b'{"Y532@2": [{"quantity": "ph_mv"}]}',
        json.dumps({"p": [PH.to_json() | {"slope": "steep"}]}).encode(),
        json.dumps({"p": [PH.to_json() | {"at_s": []}]}).encode(),
    ],
)
def test_a_file_that_makes_no_sense_is_told_and_the_factorys_holds(tmp_path, content):
    path = tmp_path / "c"
    path.write_bytes(content)
    said = []
    assert Calibrations(str(path), said.append).of("Y532@2") is None
    assert said[0].startswith("calibration file ignored")


class PowerCutError(Exception):
    """The power went."""


class Disk:
    """The disk of small files, on which the power goes before operation number `at`."""

    def __init__(self, at):
        self.left = at

    def _tick(self):
        self.left -= 1
        if self.left < 0:
            raise PowerCutError

    def open_file(self, path, mode):
        self._tick()
        return _File(open(path, mode), self._tick)

    def rename(self, old, new):
        import os

        self._tick()
        os.replace(old, new)

    def sync(self):
        self._tick()


class _File:
    def __init__(self, file, tick):
        self._file, self._tick = file, tick

    def write(self, data):
        for byte in data:
            self._tick()
            self._file.write(bytes((byte,)))

    def flush(self):
        self._tick()
        self._file.flush()

    def close(self):
        self._file.close()


def test_a_power_cut_at_any_byte_leaves_the_old_or_the_new_calibration(tmp_path, monkeypatch):
    path = str(tmp_path / "c")
    new = Calibration("ph_mv", [], 0.99, 1.0, at_s=1_770_000_000)
    seen = set()
    for at in range(10_000):
        Calibrations(path).save("p", PH)
        disk = Disk(at)
        with monkeypatch.context() as patch:
            store = Calibrations(path)
            patch.setattr("xunhe_buoy.calibration.disk", disk)
            try:
                store.save("p", new)
                done = True
            except PowerCutError:
                done = False
        said = []
        kept = Calibrations(path, said.append).of("p")
        assert said == []
        assert kept.to_json() in (PH.to_json(), new.to_json())
        seen.add(kept.slope)
        if done:
            break
    assert done
    assert seen == {0.97, 0.99}


def test_more_than_the_file_may_hold_is_refused_and_the_old_one_stays(tmp_path):
    store = Calibrations(str(tmp_path / "c"))
    store.save("p", PH)
    with pytest.raises(OSError, match="at most"):
        store.save("p", Calibration("ph_mv", [], 1.0, 0.0, by="x" * files.LIMIT))
    assert store.of("p").by == "chen"
    assert Calibrations(str(tmp_path / "c")).of("p").by == "chen"
