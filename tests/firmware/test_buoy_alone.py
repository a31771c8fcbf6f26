"""A buoy that lives alone, under MicroPython: sleep, commands, alarms, crashes, a technician."""

import json
import os
import signal
import time

import pytest
from conftest import wait_until
from whole_buoy import RIVER_S

from xunhe_buoy import record

HALF_HOUR = {"sample_interval_s": 1800, "batch": 1}


@pytest.fixture
def fast(river):
    """A river whose half hour takes three seconds, so that deep sleep is worth its start."""
    river.settings["virtual"]["clock"] = {
        "wall_s": time.time(),
        "river_s": RIVER_S,
        "factor": 600,
    }
    river.gateway.acknowledging = True
    return river


def seqs(gateway):
    return sorted(seq for _, seq in gateway.stored)


def until_told(gateway, kind, **fields):
    wait_until(lambda: gateway.told(kind, **fields), f"a report {kind} {fields}")
    return gateway.told(kind, **fields)[-1]


def test_a_buoy_sleeps_between_its_readings_and_remains_the_same_boot(fast):
    buoy = fast(**HALF_HOUR)
    buoy.wait_for("acked", count=3)

    def counters():
        told = [d["counters"] for d in fast.gateway.told("diagnostic", mode="normal")]
        return [counts for counts in told if counts["wakes"] >= 2]

    wait_until(counters, "counters of more than one waking")
    wait_until(lambda: len(buoy.exits) >= 3, "three deep sleeps")
    buoy.kill()
    assert buoy.said("boot") == ["boot n=1 next_seq=0"]
    assert {43} == set(buoy.exits[:-1])
    slots = [fast.gateway.stored[1, seq].time_s // 1800 for seq in range(3)]
    assert slots == sorted(set(slots)), "one reading a slot"
    told = counters()[-1]
    assert told["samples"] <= told["wakes"] <= told["samples"] + 1
    assert told["awake_s"] > 0
    second = fast(**HALF_HOUR)
    assert second.wait_for("boot")[0].startswith("boot n=2 ")


def test_an_opened_lid_wakes_the_buoy_and_is_told_until_the_gateway_has_it(fast):
    gateway = fast.gateway
    buoy = fast(**HALF_HOUR)
    buoy.wait_for("sleep")
    gateway.receipting = False
    fast.supply(lid_open=True)
    until_told(gateway, "event", event="lid_open")
    buoy.wait_for("event lid_open")
    gateway.receipting = True
    buoy.wait_for("sleep", count=2)
    fast.supply(lid_open=False)
    until_told(gateway, "event", event="lid_shut")
    assert len(gateway.told("event", event="lid_open")) == 1, "the same number each time"


def test_parameters_are_set_confirmed_and_kept_over_a_power_cut(river):
    gateway = river.gateway
    gateway.acknowledging = True
    gateway.commands = [(7, {"set": {"sample_interval_s": 180, "batch": 1}})]
    buoy = river()
    assert until_told(gateway, "answer", counter=7)["ok"] is True
    buoy.kill()
    sampled = river().wait_for("sampled", count=4)
    slots = [int(line.rsplit("=", 1)[1]) // 180 for line in sampled]
    assert slots == sorted(set(slots)), "the interval that was set, not the configuration's"
    gateway.commands = [
        (7, {"set": {"batch": 9}}),  # played again
        (8, {"set": {"batch": 99}}),
    ]
    refused = until_told(gateway, "answer", counter=8)
    assert refused["ok"] is False
    assert "from 1 to 40" in refused["reason"]
    assert len(gateway.told("answer", counter=7)) == 1


def test_raw_values_travel_on_request_and_once_an_hour(river):
    gateway = river.gateway
    gateway.acknowledging = True
    buoy = river()
    buoy.wait_for("acked")
    gateway.commands = [(1, {"send": {"from": 0, "to": 1}})]
    until_told(gateway, "raw", rows=[])
    sent = gateway.told("raw")[0]
    assert sent["sources"]["ph"].endswith("ph")
    boot, seq, time_s, *raw = sent["rows"][0]
    assert (boot, seq, time_s) == (1, 0, gateway.stored[1, 0].time_s)
    assert raw[1] == 7400
    hourly = until_told(gateway, "diagnostic", probe="Y532@2")
    assert hourly["calibrations"] == []
    assert [d for d in gateway.told("diagnostic") if "raw" in d or "counters" in d]


def test_an_alarm_is_measured_oftener_sent_at_once_and_ends(river):
    gateway = river.gateway
    gateway.acknowledging = True
    buoy = river(sample_interval_s=600, batch=10, alarm_interval_s=60, alarm_ph_high=8.0)
    buoy.wait_for("sampled", count=1)
    river.probes.set(2, 0x2800, 9.1)
    told = until_told(gateway, "event", event="alarm")
    assert told["cause"] == "alarm_ph_high"
    before = len(gateway.stored)
    wait_until(lambda: len(gateway.stored) >= before + 3, "readings go out at once")
    river.probes.set(2, 0x2800, 7.4)
    until_told(gateway, "event", event="calm")


def test_a_low_battery_measures_seldom_until_it_recovers(river):
    river.gateway.acknowledging = True
    river.supply(battery_v=3.05)
    buoy = river(batch=1, low_battery_interval_s=7200)
    until_told(river.gateway, "event", event="battery_low")
    assert len(buoy.said("sampled")) == 1
    status = river.gateway.last_status()
    assert status["mode"] in ("normal", "low_battery")
    assert record.unscale(river.gateway.stored[1, 0])["battery_v"][0] == 3.05


def test_storage_measures_nothing_and_ends_by_command(fast):
    gateway = fast.gateway
    gateway.commands = [(1, {"mode": "storage"})]
    buoy = fast(storage_interval_s=1200, **HALF_HOUR)
    until_told(gateway, "answer", counter=1)
    sampled = len(buoy.said("sampled"))
    until_told(gateway, "event", event="stored")
    assert len(buoy.said("sampled")) == sampled
    gateway.commands = [(2, {"mode": "normal"})]
    until_told(gateway, "answer", counter=2)
    buoy.wait_for("sampled", count=sampled + 1)


def test_a_clock_that_was_never_set_hears_the_gateways_time(river):
    river.gateway.acknowledging = True
    river.gateway.time_s = RIVER_S
    buoy = river(virtual=river.virtual(clock={"unset": True, "factor": 200}))
    buoy.wait_for("clock set")
    buoy.wait_for("sampled", count=4)
    wait_until(lambda: len(river.gateway.stored) >= 4, "records of both clocks")
    qualities = [entry.time_quality for _, entry in sorted(river.gateway.stored.items())]
    assert qualities[0] == record.TIME_UNSET
    assert qualities[-1] == record.TIME_SYNCED
    assert river.gateway.stored[1, seqs(river.gateway)[-1]].time_s >= RIVER_S


def test_crash_upon_crash_leads_to_safe_mode_where_commands_still_work(river):
    """A receiver that is configured and not built in: the program fails at every start."""
    gateway = river.gateway
    gateway.commands = [(1, {"set": {"batch": 5}})]
    buoy = river(gnss=True)
    buoy.wait_for("safe mode after 4 crashes")
    assert len(buoy.said("crash ")) == 4
    assert set(buoy.exits) == {44}
    assert "KeyError" in until_told(gateway, "event", event="safe_mode")["text"]
    assert until_told(gateway, "answer", counter=1)["ok"] is True
    assert gateway.last_status()["mode"] == "safe"
    assert json.loads((river.folder / "crashes").read_text())["streak"] == 4


def test_the_watchdog_bites_a_buoy_that_hangs(river):
    river.gateway.acknowledging = True
    buoy = river(virtual=river.virtual(watchdog=8000))
    buoy.wait_for("sampled")
    os.kill(buoy.process.pid, signal.SIGSTOP)
    assert until_told(river.gateway, "event", event="crash")["text"] == "the watchdog bit"
    assert buoy.said("boot")[-1].startswith("boot n=2 ")
    assert buoy.exits == [-9]


def test_a_technician_reads_and_restarts_a_buoy_on_the_bench(river):
    buoy = river(virtual=river.virtual(console=True))
    buoy.wait_for("sampled")
    buoy.type({"do": "read", "id": 1})
    (answer,) = buoy.wait_for('{"')
    assert round(json.loads(answer)["values"]["ph"], 3) == 7.4
    buoy.type({"do": "reset", "device": "02a1b2c3d4e5", "id": 2})
    buoy.wait_for("boot n=2")
    assert buoy.exits == [44]
