"""The campaign's figures, and what it keeps."""

import importlib.util
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from xunhe_tools.bench.fuzz import measure as bench
from xunhe_tools.bench.fuzz.measure import Wanted, measure
from xunhe_tools.fuzz.campaign import TARGETS, share
from xunhe_tools.fuzz.target import Target


@pytest.fixture(autouse=True)
def _logging_comes_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    yield
    logging.disable(logging.NOTSET)


def test_without_atheris_all_frames_are_plain_and_counted(tmp_path: Path) -> None:
    figures = measure(Wanted(270, 1, None, tmp_path), lambda line: None)
    assert figures["targets"] == len(TARGETS)
    assert figures["frames"] == sum(share(target, 270) for target in TARGETS.values())
    assert figures["guided_frames"] == figures["findings"] == 0
    assert json.dumps(figures)


@pytest.mark.parametrize("frames", [1, 27, 10_000_000])
def test_all_parsers_together_get_the_frames_that_were_asked_for(frames: int) -> None:
    together = sum(share(target, frames) for target in TARGETS.values())
    assert frames <= together < frames + len(TARGETS)


def test_a_finding_is_counted_told_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = Target("odd", lambda data: 1 // 0, (), (b"a",))
    monkeypatch.setattr(bench, "TARGETS", {"odd": odd})
    told: list[str] = []
    figures = measure(Wanted(27, 1, None, tmp_path), told.append)
    assert figures["findings"] == 1
    assert "ZeroDivisionError" in told[0]
    assert len(list(tmp_path.glob("odd-*"))) == 1


def test_of_what_was_found_the_last_and_short_is_kept(tmp_path: Path) -> None:
    work, folder = tmp_path / "work", tmp_path / "kept"
    work.mkdir()
    for number in range(20):
        file = work / f"{number:040d}"
        file.write_bytes(b"x" * (2000 if number == 19 else 5))
        os.utime(file, (number, number))
    (work / "seed-0").write_bytes(b"seed")
    bench._keep_new(work, folder)
    assert len(list(folder.iterdir())) == 12
    bench._keep_new(work, folder)
    assert len(list(folder.iterdir())) == 12
