"""Three nodes, PostgreSQL, two workers, four gateways: killed in turn, nothing is lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from xunhe_tools import private_postgres
from xunhe_tools.bench.province.measure import Form, measure
from xunhe_tools.bench.province.paper import Measured, Prices, plan


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_worker_a_node_and_the_database_are_killed_and_nothing_acknowledged_is_lost(
    tmp_path: Path,
) -> None:
    if private_postgres.programs() is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    command = [sys.executable, "-m", "xunhe_tools", "province", "--seconds", "90", "--kill", "6"]
    done = subprocess.run(
        [*command, "--every", "1.5", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["kills"] == 6
    assert said["acknowledged"] == said["stored"] > 500
    assert (said["lost"], said["waiting"], said["duplicate_tickets"]) == (0, 0, 0)
    assert said["tickets"] >= 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_bench_prints_its_figures_for_a_small_province() -> None:
    if private_postgres.programs() is None:
        pytest.skip("no PostgreSQL on this machine: apt-get install postgresql")
    figures = measure(Form(5, 20, 50, (1, 2), (1000,), 1), 1, lambda _: None)
    assert set(figures["readings_per_s"]) == {"1", "2"}
    assert figures["efficiency"] > 0
    assert 15 < figures["wire_bytes_a_reading"] < 30
    json.dumps(figures)


def test_the_plan_has_two_workers_at_least_and_three_nodes() -> None:
    small = plan(Measured(10_000, 500, 22), 100, 900, Prices())
    assert small["machines"] == {"nats": 3, "postgresql": 2, "desk": 2}


def test_the_plan_has_hands_for_ten_times_the_usual_flow() -> None:
    figures = plan(Measured(100, 500, 22), 90_000, 900, Prices())
    assert figures["readings_per_s"] == 100
    assert figures["machines"]["desk"] == 10


def test_disk_and_money_grow_with_the_readings() -> None:
    one, ten = (plan(Measured(10_000, 500, 22), n, 900, Prices()) for n in (10_000, 100_000))
    assert ten["disk_gib_a_year"] == pytest.approx(10 * one["disk_gib_a_year"], rel=0.01)
    assert one["cny_a_year"] < ten["cny_a_year"] < 10 * one["cny_a_year"]
