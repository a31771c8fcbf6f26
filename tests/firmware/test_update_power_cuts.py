"""Updates over power cuts: 0 bricked; and the sweep finds each protection that is taken away."""

import pytest

from xunhe_boot import files
from xunhe_buoy.update import bundle
from xunhe_tools.bench.firmware.torn_disk import TornDisk
from xunhe_tools.bench.firmware.update_cuts import Life, plan, points, sweep


def test_an_uncut_life_ends_with_the_last_release():
    life = Life(plan())
    assert life.live() < 12
    assert life.states() == [
        ("staged", 1),
        ("confirmed", 1),
        ("staged", 2),
        ("rolled back", 2),
        ("staged", 3),
        ("confirmed", 3),
    ]
    assert life.release == 3


def test_no_power_cut_bricks_a_buoy():
    outcome = sweep(points(700))
    assert outcome.cuts >= 1000  # every second life is cut twice
    assert not outcome.bricked


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_no_power_cut_of_ten_thousand_bricks_a_buoy():
    outcome = sweep(points(7000), seed=10_000)
    assert outcome.cuts >= 10_000
    assert not outcome.bricked


def not_synced(disk, path, data):
    file = disk.open_file(path + ".new", "wb")
    file.write(data)
    disk.rename(path + ".new", path)


def in_place(disk, path, data):
    file = disk.open_file(path, "wb")
    file.write(data)
    file.flush()
    disk.sync()


def not_flushed(unpacker, source, path, size, digest):
    path = unpacker._folder + "/" + path
    files.make_folder(unpacker._disk, path.rpartition("/")[0])
    unpacker._disk.open_file(path, "wb").write(source.read(size))


@pytest.mark.parametrize(
    ("where", "name", "careless", "found"),
    [
        (files, "replace", not_synced, "forgotten"),
        (files, "replace", in_place, "forgotten"),
        (bundle.Unpacker, "_write", not_flushed, "no whole release"),
        (TornDisk, "sync", lambda disk: None, "no whole release"),
    ],
    ids=["state not synced", "state in place", "files not flushed", "names not synced"],
)
def test_the_sweep_can_fail(monkeypatch, where, name, careless, found):
    """Negative control: each protection taken away is found."""
    cuts = points(400)
    monkeypatch.setattr(where, name, careless)
    assert any(found in reason for reason in sweep(cuts).bricked)
