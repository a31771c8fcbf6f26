"""The whole firmware under MicroPython: pymodbus probes, mosquitto, and a gateway played here."""

import json
import re
import sys

from conftest import PATIENCE_S, wait_until
from whole_buoy import DEVICE, FACTOR

from xunhe_buoy import record


def pairs_of(lines):
    return [tuple(int(n) for n in re.findall(r"=(\d+)", line)) for line in lines]


def test_records_are_freed_only_by_the_applications_acknowledgement(river):
    gateway, buoy = river.gateway, river()
    wait_until(lambda: gateway.batches, "a batch arrives")  # its PUBACK frees nothing
    buoy.wait_for("sampled", count=6)
    gateway.send(b"noise")
    wrong_key = record.encode_ack(DEVICE, record.Ack(1, 0, 2), bytes(32))
    gateway.send(wrong_key)
    buoy.wait_for("ack ignored", count=2)
    assert buoy.said("ack ignored") == ["ack ignored length", "ack ignored mac"]
    assert buoy.said("acked") == []

    gateway.refusing = (3,)
    gateway.acknowledging = True
    gateway.acknowledge(1, 0, 2)  # the batch in flight: the records behind it follow
    buoy.wait_for("acked", count=2)
    wait_until(lambda: len(gateway.stored) >= 8, "the backlog arrives")
    buoy.kill()

    assert buoy.said("boot") == ["boot n=1 next_seq=0"]
    sampled = pairs_of(buoy.said("sampled"))
    assert [s[:2] for s in sampled] == [(1, seq) for seq in range(len(sampled))]
    for boot, seq, time_s in sampled:
        assert gateway.stored.get((boot, seq)) is None or gateway.stored[boot, seq].time_s == time_s
    acked = [
        re.match(r"acked boot=1 first=(\d+) count=(\d+) refused=(\S+)$", line)
        for line in buoy.said("acked")
    ]
    assert acked[0].groups() == ("0", "2", "-")
    assert acked[1].groups()[0] == "2"
    assert acked[1].groups()[2] == "3"
    assert "link up" in buoy.lines

    values = record.unscale(gateway.stored[1, 0])
    assert values["ph"] == (7.4, record.GOOD)
    assert values["do_mg_l"] == (8.18, record.GOOD)
    assert values["water_temp_c"] == (20.1, record.GOOD)
    assert values["nh3n_mg_l"] == (0.56, record.GOOD)  # 0.55 as NH4-N at pH 7.4 and 20 °C


def test_a_withheld_acknowledgement_lets_pending_grow_and_the_batch_come_again(river):
    gateway, buoy = river.gateway, river()
    buoy.wait_for("link down no ack")
    buoy.wait_for("link up", count=2)
    wait_until(lambda: gateway.batches >= 2, "the batch comes again")
    status = gateway.last_status()
    assert status["pending"] == status["next_seq"] > 10
    assert (status["acknowledged"], status["connects"]) == (0, 2)
    assert {"device", "boot", "firmware", "refused", "dropped", "torn", "battery_v"} <= set(status)


def test_a_killed_buoy_goes_on_where_it_was(river):
    gateway = river.gateway
    first = river()
    first.wait_for("sampled", count=3)
    first.kill()
    held = len(first.said("sampled"))
    gateway.acknowledging = True
    second = river()
    second.wait_for("acked")
    second.wait_for("sampled")  # so that the log, too, knows of the second boot
    second.kill()
    assert second.said("boot") == [f"boot n=2 next_seq={held}"]
    assert {(1, seq) for seq in range(held)} <= set(gateway.stored)
    (river.folder / "boot").unlink()
    third = river()
    assert third.wait_for("boot")[0].startswith("boot n=3 ")
    third.kill()
    (river.folder / "flash.bin").unlink()
    assert river().wait_for("boot") == ["boot n=4 next_seq=0"]


def test_a_probe_that_fails_leaves_its_channels_missing_and_nothing_else(river):
    river.gateway.acknowledging = True
    buoy = river(
        sample_interval_s=300,  # three lost replies take 0.6 s of wall
        probes=[{"model": "Y504", "address": 1}, {"model": "Y532", "address": 77}],
    )
    buoy.wait_for("acked")
    assert "probe Y532@77 silence" in buoy.lines
    values = record.unscale(river.gateway.stored[1, 0])
    assert values["ph"] == (None, record.MISSING)
    assert values["nh3n_mg_l"] == (None, record.MISSING)
    assert values["do_mg_l"] == (8.18, record.GOOD)
    assert values["water_temp_c"] == (20.0, record.GOOD)  # the oxygen probe's stands in


def test_the_same_files_run_on_cpython(river):
    river.gateway.acknowledging = True
    buoy = river([sys.executable, "-W", "error"], sample_interval_s=30)  # probes stay powered
    buoy.wait_for("acked", count=2)
    assert record.unscale(river.gateway.stored[1, 0])["ph"] == (7.4, record.GOOD)


def test_a_buoy_whose_clock_was_never_set_counts_from_its_boot(river):
    river.gateway.acknowledging = True
    virtual = json.loads(json.dumps(river.settings["virtual"]))
    virtual["clock"] = {"unset": True, "factor": FACTOR}
    buoy = river(virtual=virtual)
    buoy.wait_for("acked")
    first = river.gateway.stored[1, 0]
    assert first.time_quality == record.TIME_UNSET
    assert 0 < first.time_s < 1000


def test_a_wrong_configuration_says_what_to_do(river):
    buoy = river(sample_interval_s=5)
    buoy.wait_for("configuration: sample_interval_s is 5; give a number from 10 to 3600")
    assert buoy.process.wait(PATIENCE_S) != 0
