"""The proof of work of strangers, and what passes without it."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW
from xunhe.adapters.store.database import Database
from xunhe.settings import CitizenSettings
from xunhe.web.work import HOLDS, Proof, ProofOfWork, solve, zero_bits

API = "/api/v1/public/reports"
BITS = 8


@pytest.fixture
def closed(store: Database) -> Iterator[Served]:
    settings = CitizenSettings(work_bits=BITS, reports_an_hour=50)
    with serve(store, read_without_login=False, citizens=settings) as served:
        yield served


@pytest.fixture
def stranger(closed: Served) -> Iterator[httpx.Client]:
    with closed.client() as client:
        yield client


def report(client: httpx.Client, work: str | None) -> httpx.Response:
    fields = {"category": "other.other", "text": "桥下有垃圾", "lon": "119.42", "lat": "30.318"}
    sent = {**fields, "work": work} if work is not None else fields
    return client.post(API, files={name: (None, value) for name, value in sent.items()})


def test_a_report_with_its_proof_passes_and_the_same_proof_does_not_again(
    stranger: httpx.Client,
) -> None:
    asked = stranger.get("/api/v1/public/work").json()
    solution = solve(asked["challenge"], asked["bits"])
    assert report(stranger, solution).status_code == 201
    again = report(stranger, solution)
    assert (again.status_code, again.json()["code"]) == (422, "work")


def test_without_scripts_one_report_an_hour_passes(closed: Served, stranger: httpx.Client) -> None:
    assert report(stranger, None).status_code == 201
    refused = report(stranger, "")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3601")
    closed.wall.at += timedelta(hours=1)
    assert report(stranger, None).status_code == 201


def test_the_form_carries_a_challenge_of_its_own(stranger: httpx.Client) -> None:
    found = [
        stranger.get("/report").text.split('data-challenge="')[1].split('"')[0] for _ in range(2)
    ]
    assert found[0] != found[1]
    assert all(challenge.split(".")[1] == str(BITS) for challenge in found)


def test_a_challenge_holds_for_two_hours_and_only_with_its_gateway() -> None:
    ours, other = ProofOfWork(BITS), ProofOfWork(BITS)
    made = solve(ours.challenge(NOW), BITS)
    assert other.check(made, NOW) is Proof.BAD
    assert ours.check(made, NOW + HOLDS + timedelta(seconds=1)) is Proof.BAD
    assert ours.check(made, NOW + HOLDS) is Proof.GOOD


@pytest.mark.parametrize("change", ["", "9", ":", "x", "." * 9])
def test_a_solution_that_was_changed_is_none(change: str) -> None:
    proof = ProofOfWork(12)
    made = solve(proof.challenge(NOW), 12)
    assert proof.check(f"{change}{made}" if change else f"{made}x", NOW) is Proof.BAD
    for wrong in ("a.b.c.d:1", "1:1", ":", "....:"):
        assert proof.check(wrong, NOW) is Proof.BAD
    assert proof.check("", NOW) is Proof.MISSING


def test_fewer_bits_than_asked_for_are_too_few() -> None:
    proof = ProofOfWork(12)
    challenge = proof.challenge(NOW)
    weak = next(
        f"{challenge}:{number}"
        for number in range(10**6)
        if zero_bits(f"{challenge}:{number}") == 11
    )
    assert proof.check(weak, NOW) is Proof.BAD
    assert proof.check(solve(challenge, 12), NOW) is Proof.GOOD


def test_no_bits_ask_for_nothing() -> None:
    assert ProofOfWork(0).check("", NOW) is Proof.GOOD
