"""No damage crashes or stops the reader, or makes it keep more and more."""

import gc
import resource
import tracemalloc
from pathlib import Path

import pytest

from tests.gateway.hj212.mutations import survived


def test_ten_thousand_mutated_frames_do_no_harm() -> None:
    packets, rejected = survived(10_000, seed=1)
    assert packets > 1000
    assert rejected > 1000


def test_memory_stays_flat() -> None:
    survived(500, seed=2)
    tracemalloc.start()
    survived(500, seed=3)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    survived(2000, seed=4)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 50_000


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_ten_million_mutated_frames_do_no_harm() -> None:
    survived(20_000, seed=100)  # caches fill
    before = resident_bytes()
    for seed in range(100):
        survived(100_000, seed)
    assert resident_bytes() - before < 2**20


def resident_bytes() -> int:
    """What this process holds in memory (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
