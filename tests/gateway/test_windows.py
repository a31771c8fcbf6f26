"""Windows in memory are what the store holds, whatever the order in which readings come."""

from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xunhe.adapters.store import records, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.windows import Windows
from xunhe.alerts.buffer import Buffer
from xunhe.domain.observation import GOOD, Sample

BEGIN = datetime(2026, 10, 20, tzinfo=UTC).timestamp()
SPAN_S = 3600.0
minutes_of = st.integers(0, 300)


def sample(minute: int, value: float) -> Sample:
    at = datetime.fromtimestamp(BEGIN + 60 * minute, UTC)
    return Sample("S", at, {"ph": (value, GOOD), "do_mg_l": (None, 9)})


def shown(windows: Windows, connection: sa.Connection, minute: int) -> list[tuple[float, float]]:
    series = windows.upto(connection, "S", BEGIN + 60 * minute)["ph"]
    return list(zip(series.times_s.tolist(), series.values.tolist(), strict=True))


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(minutes_of, min_size=1, max_size=30), st.lists(minutes_of, max_size=3))
def test_a_window_is_the_same_from_memory_and_from_the_store(
    database: Database, stored: list[int], asked: list[int]
) -> None:
    kept = Windows(SPAN_S)
    with database.write() as connection:
        connection.execute(schema.observation.delete())
        for seq, minute in enumerate(stored):
            taken = sample(minute, 7 + seq / 100)  # of two at one instant the later record counts
            records.insert_sample(connection, taken, "d", 1, seq)
            kept.put(taken)
            for at in (minute, *asked):
                assert shown(kept, connection, at) == shown(Windows(SPAN_S), connection, at)


def test_a_window_holds_both_its_ends(database: Database) -> None:
    with database.write() as connection:
        for seq, minute in enumerate((0, 1, 60, 61, 62)):
            records.insert_sample(connection, sample(minute, seq), "d", 1, seq)
        assert [value for _, value in shown(Windows(SPAN_S), connection, 61)] == [1, 2, 3]


def test_a_buffer_keeps_the_order_of_time_however_it_is_filled() -> None:
    buffer = Buffer(("ph",), 0, float("inf"))
    order = np.random.default_rng(1).permutation(200)
    assert all(buffer.put(float(i), {"ph": (float(i), GOOD)}) for i in order)
    assert buffer.between(10, 20)["ph"].values.tolist() == [float(i) for i in range(10, 21)]
    buffer.drop_before(15)
    assert buffer.between(0, 17)["ph"].values.tolist() == [15, 16, 17]
    assert not buffer.covers(14, 20)


@pytest.mark.parametrize("values", [{"ph": (8.0, GOOD)}, {"turbidity_ntu": (1.0, GOOD)}])
def test_a_buffer_refuses_an_instant_that_is_taken_and_a_property_it_does_not_know(
    values: dict[str, tuple[float | None, int]],
) -> None:
    buffer = Buffer(("ph",), 0, float("inf"))
    buffer.put(5, {"ph": (7.0, GOOD)})
    assert not buffer.put(5, values)
    assert buffer.between(0, 9)["ph"].values.tolist() == [7.0]


def test_what_is_given_out_does_not_change_with_later_samples() -> None:
    buffer = Buffer(("ph",), 0, float("inf"))
    buffer.put(5, {"ph": (7.0, GOOD)})
    before = buffer.between(0, 9)["ph"]
    buffer.put(4, {"ph": (6.0, GOOD)})
    assert before.values.tolist() == [7.0]
