"""Any bytes: a parser understands them or says why not, and never takes long."""

import logging
from pathlib import Path
from random import Random

import pytest

from xunhe_tools.fuzz.campaign import TARGETS, Finding, corpus_of, over_corpus, plain
from xunhe_tools.fuzz.mutator import MOST_BYTES, spoilt
from xunhe_tools.fuzz.target import Target

CORPUS = Path(__file__).parent / "corpus"


def told(findings: list[Finding]) -> str:
    return "\n".join(f"{found.what}: {found.data[:200]!r}" for found in findings)


@pytest.mark.parametrize("name", TARGETS)
def test_no_input_of_the_corpus_makes_a_parser_fail(name: str) -> None:
    target = TARGETS[name]
    found = list(over_corpus(target, corpus_of(target, CORPUS)))
    assert not found, told(found)


@pytest.mark.parametrize("name", TARGETS)
def test_no_spoilt_input_makes_a_parser_fail(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    found = list(plain(TARGETS[name], 100, seed=20261020, folder=CORPUS))
    assert not found, told(found)


def test_every_parser_understands_what_its_campaign_begins_with() -> None:
    """Else a campaign would only knock at their doors."""

    def is_short(target: Target) -> bool:
        return not (CORPUS / target.name / "valid").exists()

    def is_understood(target: Target) -> bool:
        try:
            target.run(corpus_of(target, CORPUS)[0 if is_short(target) else -1])
        except target.refuses:
            return False
        return True

    strange = {name for name, target in TARGETS.items() if not is_understood(target)}
    assert strange == set()


def test_an_error_that_no_refusal_covers_is_a_finding() -> None:
    target = Target("odd", lambda data: 1 // len(data), (ValueError,), (b"", b"a"))
    assert [found.what for found in over_corpus(target, target.seeds)] == [
        "ZeroDivisionError: integer division or modulo by zero"
    ]


def test_what_takes_long_is_a_finding() -> None:
    ticks = iter([0.0, 1.5])
    target = Target("slow", lambda data: None, (), (b"x",))
    (found,) = plain(target, 1, seed=1, clock=lambda: next(ticks))
    assert found.what == "slower than 1 s"


def test_the_same_seed_spoils_alike_and_never_beyond_the_limit() -> None:
    corpus = [b"", b"abc", bytes(MOST_BYTES)]
    first = [spoilt(Random(5), corpus) for _ in range(50)]
    assert first == [spoilt(Random(5), corpus) for _ in range(50)]
    assert all(len(spoilt(Random(n), corpus)) <= MOST_BYTES for n in range(500))
