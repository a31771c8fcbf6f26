"""Readings by the batch: each is kept once, whatever comes again, together or at the same time."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateway.conftest import START
from tests.gateway.store.readings import reading, stored
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.keeping import Brought, Kept, keep_all

pytestmark = pytest.mark.on_both_engines


def keep(database: Database, taken: Sequence[Brought]) -> Kept:
    with database.append() as connection:
        return keep_all(connection, taken, START)


def test_what_is_new_is_kept_with_its_values(database: Database) -> None:
    batch = [reading(n, ph=7 + n / 10) for n in (1, 2, 3)]
    assert keep(database, batch) == Kept(tuple(batch), (), ())
    assert stored(database) == {one.key: [7 + one.key[2] / 10] for one in batch}


def test_an_empty_batch_is_nothing(database: Database) -> None:
    assert keep(database, []) == Kept((), (), ())


def test_what_comes_again_is_a_duplicate_and_other_content_a_conflict(database: Database) -> None:
    first, other = reading(1), reading(1, ph=8.0)
    keep(database, [first])
    assert keep(database, [first, other, reading(2)]) == Kept((reading(2),), (first,), (other,))
    assert stored(database) == {first.key: [7.0], reading(2).key: [7.0]}


def test_a_batch_that_repeats_itself_is_told_apart_as_if_it_had_come_in_two(
    database: Database,
) -> None:
    first, other = reading(1), reading(1, ph=8.0)
    assert keep(database, [first, other, first]) == Kept((first,), (first,), (other,))


def test_two_batches_of_one_transaction_do_not_mix(database: Database) -> None:
    with database.append() as connection:
        keep_all(connection, [reading(1)], START)
        assert keep_all(connection, [reading(2)], START).new == (reading(2),)
    assert stored(database).keys() == {reading(1).key, reading(2).key}


def test_a_batch_that_fails_leaves_nothing(database: Database) -> None:
    class PowerCutError(Exception):
        pass

    def cut_off() -> None:
        with database.append() as connection:
            keep_all(connection, [reading(1)], START)
            raise PowerCutError

    with pytest.raises(PowerCutError):
        cut_off()
    assert stored(database) == {}
    assert keep(database, [reading(1)]).new == (reading(1),)


def test_two_workers_with_the_same_readings_in_any_order_keep_each_once(database: Database) -> None:
    everything = [reading(n, device) for n in range(1, 41) for device in ("0a" * 6, "0b" * 6)]

    def work(seed: int) -> int:
        mine = everything * 3
        random.Random(seed).shuffle(mine)
        parts = [mine[i : i + 16] for i in range(0, len(mine), 16)]
        return sum(len(keep(database, part).new) for part in parts)

    with ThreadPoolExecutor(2) as workers:
        new = list(workers.map(work, (1, 2)))
    assert sum(new) == len(everything)
    assert stored(database) == {one.key: [7.0] for one in everything}
