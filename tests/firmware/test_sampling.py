"""The sampler with fakes of board and probes: power, waits, order, calibration, raw values."""

from types import SimpleNamespace

import pytest

from xunhe_buoy import computing, drivers
from xunhe_buoy.calibration import Calibration
from xunhe_buoy.drivers.probe import Probe, Times
from xunhe_buoy.instruments import Instruments
from xunhe_buoy.sampling import INRUSH_S


class Board:
    """Remembers what happened, in order; sleeping is what makes time pass."""

    def __init__(self):
        self.log = []
        self.now_s = 0.0

    def rail(self, on):
        self.log.append("on" if on else "off")

    def sleep_s(self, seconds):
        self.now_s += seconds

    def battery_v(self):
        return 3.9

    def path(self, name):
        return name


class FakeProbe(Probe):
    def __init__(self, board, name, role, times, values, compensates=False):
        super().__init__({"name": name, "constants": {}}, role, times)
        self.board, self.values, self.compensates = board, values, compensates
        self.reason = None
        self.told_c = "nothing"

    def start(self):
        self.board.log.append("start " + self.name)
        self.started_s = self.board.now_s
        return self.reason

    def compensate(self, temp_c):
        self.told_c = temp_c

    def read(self):
        self.board.log.append("read " + self.name)
        self.read_s = self.board.now_s
        return dict(self.values), self.reason


class Kept:
    """Calibrations without a file."""

    def __init__(self, **probes):
        self.probes = probes

    def each(self, probe):
        return self.probes.get(probe, ())


OXYGEN = {"temp_c": 20.0, "do_fraction": 0.9, "do_mg_l": 8.18}
PH = {"ph": 7.4, "temp_c": 20.1, "ph_mv": -20.0}


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def pair(board):
    return [
        FakeProbe(board, "o", "oxygen", Times(375, 8000, 1700), OXYGEN),
        FakeProbe(board, "p", "ph", Times(7000, 18000, 1500), PH),
    ]


@pytest.fixture
def sampler(monkeypatch):
    """Instruments with these probes and calibrations in the place of the configured ones."""

    def make(board, probes, calibrations=None, interval_s=900, salinity_psu=0.0):
        monkeypatch.setattr(drivers, "build", lambda board, settings: probes)
        kept = calibrations or Kept()
        monkeypatch.setattr(computing, "Calibrations", lambda path, say: kept)
        settings = SimpleNamespace(
            salinity_psu=salinity_psu, pressure_kpa=101.325, sample_interval_s=interval_s
        )
        said = []
        made = Instruments(board, settings, said.append)
        made.said = said
        return made

    return make


def test_probes_are_warmed_up_started_one_after_another_and_waited_for(board, pair, sampler):
    one = sampler(board, pair)
    one.measure()
    assert board.log == ["on", "start o", "start p", "read o", "read p", "off"]
    for probe in pair:
        assert probe.started_s >= probe.warm_up_ms / 1000
        settled_s = probe.read_s - probe.started_s
        wiped_s = (probe.stabilise_ms + probe.measure_ms) / 1000  # the wiper's stroke included
        assert settled_s > wiped_s - 1e-9
    assert pair[1].started_s - pair[0].started_s > INRUSH_S - 1e-9  # no two wipers at once
    assert one.lead_s == 7.0 + 19.5


@pytest.mark.parametrize(("interval_s", "powers_down"), [(52, False), (53, True), (900, True)])
def test_short_intervals_keep_the_probes_powered(board, pair, interval_s, powers_down, sampler):
    assert sampler(board, pair, interval_s=interval_s).powers_down is powers_down


def test_the_interval_may_change_at_any_time(board, pair, sampler):
    one = sampler(board, pair)
    one.measure()
    one.interval_s = 30  # alarm: denser
    one.measure()
    one.measure()
    one.interval_s = 900
    one.measure()
    rail = [event for event in board.log if event in ("on", "off")]
    assert rail == ["on", "off", "on", "off"]


def test_raw_values_stand_beside_computed_ones(board, pair, sampler):
    worn = Calibration("ph_mv", [], 0.95, 12.0)
    got = sampler(board, pair, Kept(p=(worn,))).measure()
    assert got.raw == {
        "o.temp_c": 20.0,
        "o.do_fraction": 0.9,
        "o.do_mg_l": 8.18,
        "p.ph": 7.4,
        "p.temp_c": 20.1,
        "p.ph_mv": -20.0,
    }
    assert got.values["ph"] == pytest.approx(7 + 32 / (0.95 * 58.187), abs=1e-3)
    assert got.sources == {
        "water_temp_c": "p.temp_c",
        "ph": "p.ph_mv",
        "do_mg_l": "o.do_mg_l",
    }
    assert got.values["battery_v"] == 3.9


def test_a_thermometers_calibration_reaches_all_that_needs_temperature(board, pair, sampler):
    warm = Calibration("temp_c", [], 1.0, -5.0)
    wet = FakeProbe(board, "e", "ammonium", Times(0, 0, 0), {"nh4_n_mg_l": 1.0}, True)
    got = sampler(board, [wet, *pair], Kept(p=(warm,))).measure()
    assert wet.told_c == pytest.approx(15.1)
    assert got.values["water_temp_c"] == pytest.approx(15.1)
    assert got.raw["p.temp_c"] == 20.1


def test_a_probe_that_wants_the_temperature_is_read_last(board, pair, sampler):
    first = FakeProbe(board, "e", "ammonium", Times(0, 0, 0), {"nh4_n_mg_l": 1.0}, True)
    sampler(board, [first, *pair]).measure()
    assert [event for event in board.log if event.startswith("read")] == [
        "read o",
        "read p",
        "read e",
    ]
    assert first.told_c == 20.1


def test_a_failing_probe_takes_only_its_own_channels_with_it(board, pair, sampler):
    pair[1].values, pair[1].reason = {}, "silence"
    one = sampler(board, pair)
    got = one.measure()
    assert got.values["ph"] is None
    assert got.values["do_mg_l"] == 8.18
    assert got.values["water_temp_c"] == 20.0
    assert got.reasons == {"p": "silence"}
    assert one.said == ["probe p silence"]
    pair[1].values, pair[1].reason = PH, None
    assert one.measure().values["ph"] == 7.4  # plugged in again


def test_a_probe_that_did_not_hear_start_is_not_read(board, pair, sampler):
    pair[0].reason = "silence"
    one = sampler(board, pair, interval_s=30)
    one.power_up()
    pair[0].reason = None
    assert one.measure().values["do_mg_l"] == 8.18  # started again first
    assert board.log.count("start o") == 2


def test_salinity_makes_oxygen_be_computed_from_its_saturation(board, pair, sampler):
    got = sampler(board, pair, salinity_psu=9.0).measure()
    assert got.values["do_mg_l"] == pytest.approx(0.9 * 8.622, abs=1e-3)
    assert got.sources["do_mg_l"] == "o.do_fraction"
