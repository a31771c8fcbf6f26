"""What a desk must survive, brought in by pages and API as somebody would bring it."""

from datetime import timedelta

import pytest

from tests.gateway.test_registry_tables import HEADINGS, WRONG, as_csv, outfall
from tests.gateway.web.river_rows import NOW
from tests.gateway.web.test_office_pages import send
from tests.gateway.web.test_registry_editor import Editing, bring, editing
from tests.gateway.web.test_supervision import add
from xunhe.adapters.store import desk_log

__all__ = ["editing"]  # the fixture


def says_in_both(page: str, zh: str, en: str) -> None:
    assert zh in page
    assert en in page


def test_a_reach_without_a_chief_or_with_two_is_refused_by_the_registrys_form(
    editing: Editing,
) -> None:
    before = editing.registry
    cells = editing.cells("post", "VILLAGE-1")
    none = editing.save("post", "VILLAGE-1", **cells | {"reaches": ""})
    assert none.status_code == 422
    two = editing.save("post", "", **cells | {"code": "VILLAGE-1B", "seen": ""})
    assert two.status_code == 422
    for answer in (none, two):
        assert "YX-1" in answer.text
    assert editing.registry == before


def test_a_thousand_rows_of_which_thirteen_are_wrong_are_all_named_on_the_page(
    editing: Editing,
) -> None:
    before = editing.registry
    rows = [outfall(**{"编码": f"N-{n:04d}", **WRONG.get(n, {})}) for n in range(2, 1002)]
    page = bring(editing, ("排污口.csv", as_csv([HEADINGS, *rows]).encode("gbk")))
    assert page.status_code == 422
    cells = page.text.replace("\n", "")
    for row, changes in WRONG.items():
        column = next(iter(changes)).split(" ")[0]
        assert f'class="number">{row}</td><td data-label="列 Column">{column}' in cells
    assert editing.registry == before


def test_a_person_who_holds_a_duty_is_not_deleted_and_the_page_says_what_to_do(
    editing: Editing,
) -> None:
    seen = editing.cells("person", "P5")["seen"]
    refused = send(editing.client, "/registry/person/removal?key=P5", seen=seen)
    assert refused.status_code == 422
    assert "handovers" in refused.text
    assert "P5" in editing.registry.persons


@pytest.mark.parametrize("due", [NOW - timedelta(days=400), NOW])
def test_a_deadline_before_the_present_one_or_the_opening_is_refused(
    editing: Editing, due: object
) -> None:
    add(editing.served, "open")
    asked = {"action": "ask_extension", "reason": "来不及", "revision": 1, "due_at": str(due)}
    refused = editing.client.post("/api/v1/tickets/1/steps", json=asked)
    assert refused.status_code in (403, 409)
    assert refused.json()["message_zh"]


def test_a_clock_that_was_set_back_is_told_and_no_history_runs_backwards(editing: Editing) -> None:
    add(editing.served, "open")
    editing.served.clock.at = NOW - timedelta(days=2)
    step = {"action": "accept", "reason": "属实", "revision": 1}
    answer = editing.client.post("/api/v1/tickets/1/steps", json=step)
    assert answer.status_code == 200, answer.text
    with editing.served.database.read() as connection:
        entries = list(desk_log.entries(connection))
        assert desk_log.first_flaw(connection) is None
    assert entries[-1].kind == "ticket.moved"
    of_ticket = [entry.at for entry in entries if entry.subject == "ticket:1"]
    assert of_ticket == sorted(of_ticket)
