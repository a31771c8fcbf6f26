"""The office's pages: lists, tasks, patrols, inspections, returns, scores, month's end."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from tests.gateway.web.console_server import NAME, Served
from tests.gateway.web.river_rows import NOW, REGISTRY
from tests.gateway.web.test_supervision import DAY, DESK, MONTH, add, make_rounds, plan
from xunhe.adapters.store import accounts, desk_log, schema
from xunhe.desk.log import iso
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source
from xunhe.web.access import COOKIE

YEAR = MONTH.year


@contextmanager
def at_desk(served: Served) -> Iterator[httpx.Client]:
    """The office with an open session: nothing here is about logging in."""
    with served.database.write() as connection:
        accounts.add_user(connection, NAME, "no password", NOW)
    token, session = accounts.open_session(served.database, NAME, NOW, 24)
    with served.client() as client:
        client.cookies.set(COOKIE, token)
        client.headers["X-CSRF-Token"] = session.csrf
        yield client


@pytest.fixture
def office(served: Served) -> Iterator[httpx.Client]:
    add(served, "late", severity=Severity.SEVERE)
    add(served, "early", deadline=Deadline(NOW + 100 * DAY), post="VILLAGE-2", reach="YX-2")
    add(served, "seen", source=Source.INSPECTION, category="disorder.dumping")
    with at_desk(served) as client:
        client.put(f"{DESK}/tasks/T1", json=plan())
        yield client


def send(office: httpx.Client, path: str, **fields: object) -> httpx.Response:
    form = {"csrf": office.headers["X-CSRF-Token"], **fields}
    return office.post(path, data=form, headers={"X-CSRF-Token": ""})


PAGES = (
    "/desk/list",
    "/desk/lists",
    "/desk/lists?list=major",
    "/desk/lists?list=problems",
    "/desk/tasks/new",
    "/desk/tasks/T1",
    "/desk/patrols",
    "/desk/patrols?show=walks",
    "/desk/inspections",
    "/desk/inspections?show=inspections",
    "/desk/returns",
    f"/desk/returns?period={YEAR}",
    "/desk/meetings",
    "/desk/scores",
    f"/desk/scores?period={YEAR}&kind=post",
    f"/desk/scores/{YEAR}/U-VILLAGE-1",
    f"/desk/scores/{YEAR}/VILLAGE-1",
    "/desk/months",
    "/desk/plans",
    "/desk/adoptions",
    "/desk/adoptions/new",
    "/desk/offers",
    "/desk/offers?show=received",
    "/desk/duties",
    "/desk/duties/VILLAGE-1",
    "/documents",
    "/desk/log?subject=ticket:1",
)


def test_every_page_of_the_office_opens_with_both_languages(office: httpx.Client) -> None:
    for path in PAGES:
        answer = office.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert 'lang="en"' in answer.text, path


def rows(answer: httpx.Response) -> list[list[str]]:
    assert answer.headers["content-type"].startswith("text/csv"), answer.text
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_tickets_are_filtered_sorted_and_exported(office: httpx.Client) -> None:
    def numbers(query: str) -> list[str]:
        return [row[0][-1] for row in rows(office.get(f"/desk/list?format=csv&{query}"))[1:]]

    assert numbers("") == ["3", "2", "1"]
    assert numbers("sort=number") == ["1", "2", "3"]
    assert numbers("sort=-due") == ["2", "3", "1"]
    assert numbers("light=red") == ["3", "1"]
    assert numbers("unit=U-VILLAGE-2") == ["2"]
    assert numbers("severity=severe") == ["1"]
    assert numbers("source=inspection") == ["3"]
    assert numbers("reach=YX-2") == ["2"]
    assert numbers("q=0002") == ["2"]
    assert numbers("light=purple&sort=nothing") == ["3", "2", "1"]


def test_a_cell_that_a_spreadsheet_would_run_is_quoted(office: httpx.Client) -> None:
    office.put(f"{DESK}/tasks/T2", json=plan(title="=1+1"))
    table = rows(office.get("/desk/lists?format=csv&sort=code"))
    assert [row[1] for row in table[1:]] == ["清淤", "'=1+1"]


def test_a_task_is_set_by_a_form_that_names_every_wrong_field(office: httpx.Client) -> None:
    wrong = send(office, "/desk/tasks/new", code="", title="", target_1="x", due_at="morgen")
    assert wrong.status_code == 422
    for field in ("code", "title", "unit", "post", "measure", "target_1", "target_4", "due_at"):
        assert f'id="{field}-problem"' in wrong.text, field
    form = {
        "code": "T7", "list": "major", "year": YEAR, "title": "清淤 <b>", "unit": "U-TOWN-UPPER",
        "post": "TOWN-UPPER", "measure": "km", "target_1": 1, "target_2": 2, "target_3": 3,
        "target_4": 4, "due_at": f"{YEAR}-12-20T18:00", "budget_yuan": "",
    }  # fmt: skip
    falling = send(office, "/desk/tasks/new", **form | {"target_2": 9})
    assert falling.status_code == 422
    assert "逐季不减" in falling.text
    assert 'value="T7"' in falling.text  # nothing that was typed is lost
    assert send(office, "/desk/tasks/new", **form).headers["location"] == "/desk/tasks/T7"
    page = office.get("/desk/tasks/T7").text
    assert "清淤 &lt;b&gt;" in page


def test_a_task_shows_its_quarters_and_takes_its_steps(office: httpx.Client) -> None:
    assert send(office, "/desk/tasks/T1/progress", done="2.5").status_code == 303
    page = office.get("/desk/tasks/T1").text
    assert "2.5 km" in page
    refused = send(office, "/desk/tasks/T1/closing", closing_note="验收")
    assert refused.status_code == 422
    assert "只完成 2.5/4" in refused.text
    assert "验收" in refused.text
    send(office, "/desk/tasks/T1/warning", warning_reason="征地未完")
    assert "难以按时完成" in office.get("/desk/lists").text
    send(office, "/desk/tasks/T1/warning", warning_reason="已解决", withdraw="true")
    later = send(
        office, "/desk/tasks/T1/deadline", due_at=f"{YEAR + 1}-01-05T18:00", extension_reason="汛期"
    )
    assert later.status_code == 303
    assert office.get("/desk/tasks/T9").status_code == 404


def test_a_severe_problem_is_proposed_and_posted_once(office: httpx.Client) -> None:
    page = office.get("/desk/lists?list=problems").text
    assert 'name="ticket" value="1"' in page
    assert 'name="ticket" value="2"' not in page
    assert send(office, f"/desk/lists/{YEAR}/problems", ticket=1).status_code == 303
    page = office.get("/desk/lists?list=problems").text
    assert f"{YEAR}年曝光突出问题1个" in page
    assert 'name="ticket" value="1"' not in page
    assert send(office, f"/desk/lists/{YEAR}/problems", ticket=1).status_code == 422


def test_the_first_list_shows_which_quarter_was_reviewed(office: httpx.Client) -> None:
    assert send(
        office, f"/desk/lists/{YEAR}/reviews", quarter=f"{YEAR}Q1", note="已调度"
    ).is_redirect
    page = office.get("/desk/lists?list=major").text
    assert page.count("✓") == 1
    assert (
        send(office, f"/desk/lists/{YEAR}/reviews", quarter="2026-13", note="x").status_code == 422
    )


def test_patrols_show_what_was_owed_and_which_walks_count(
    served: Served, office: httpx.Client
) -> None:
    for hours, minutes in ((30, 40), (3, 2)):
        begun = NOW - timedelta(hours=hours)
        office.post(
            f"{DESK}/patrols",
            json={
                "post": "VILLAGE-1", "reaches": ["YX-1"], "started_at": iso(begun),
                "ended_at": iso(begun + timedelta(minutes=minutes)), "length_m": 3000,
            },
        )  # fmt: skip
    month = MONTH.label
    walks = rows(office.get(f"/desk/patrols?show=walks&month={month}&format=csv"))
    walks += rows(office.get(f"/desk/patrols?show=walks&month={MONTH.after.label}&format=csv"))
    assert {row[4]: row[8] for row in walks if row[4].isdecimal()} == {"40": "是 yes", "2": "否 no"}
    posts = rows(office.get("/desk/patrols?level=village&format=csv"))
    assert len(posts) - 1 == sum(
        post.level.label_en == "village" for post in REGISTRY.posts.values()
    )


def test_a_meeting_is_missing_until_its_proof_is_entered(office: httpx.Client) -> None:
    quarter = f"U-DISTRICT:{YEAR}Q1"
    assert "✗" in office.get("/desk/meetings?standing=missing").text
    assert send(office, f"/desk/meetings/{YEAR}", meeting=quarter, proof="").status_code == 422
    assert send(office, f"/desk/meetings/{YEAR}", meeting=quarter, proof="纪要1号").is_redirect
    held = rows(office.get("/desk/meetings?standing=held&format=csv"))
    assert [row[:2] + row[4:] for row in held[1:]] == [
        [REGISTRY.units["U-DISTRICT"].name, f"{YEAR}Q1", "纪要1号"]
    ]


def test_a_return_is_entered_once_and_late_after_its_hour(
    served: Served, office: httpx.Client
) -> None:
    served.clock.at = MONTH.end + timedelta(hours=18)
    path, form = f"/desk/returns/{MONTH.label}", {"unit": "U-VILLAGE-1", "text": "已完成"}
    assert "起草" in office.get(f"/desk/returns?period={MONTH.label}").text
    assert send(office, path, **form).is_redirect
    assert send(office, path, **form).status_code == 422
    late = rows(office.get(f"/desk/returns?period={MONTH.label}&standing=late&format=csv"))
    assert [row[0] for row in late[1:]] == [REGISTRY.units["U-VILLAGE-1"].name]


def close(served: Served, ticket_id: int) -> None:
    """As the desk closes it, in the table and in the log."""
    with served.database.write() as connection:
        connection.execute(
            sa.update(schema.ticket)
            .where(schema.ticket.c.id == ticket_id)
            .values(state="closed", closed_at=served.clock.at)
        )


def test_a_look_back_is_entered_on_its_page_and_reopens_what_does_not_hold(
    served: Served, office: httpx.Client
) -> None:
    for ticket_id in (1, 2):
        close(served, ticket_id)
    served.clock.at = NOW + 100 * DAY
    make_rounds(served)
    quarter = f"{YEAR}Q3" if NOW.month > 6 else f"{YEAR}Q2"
    page = office.get("/desk/inspections").text
    assert quarter in page
    unsaid = send(office, "/desk/inspections/1", quarter=quarter, holds="no", note="")
    assert unsaid.status_code == 422
    assert send(office, "/desk/inspections/1", quarter=quarter, holds="no", note="复发").is_redirect
    assert send(office, "/desk/inspections/2", quarter=quarter, holds="yes", note="好").is_redirect
    found = rows(office.get("/desk/inspections?format=csv&sort=number"))
    assert [row[5] for row in found[1:]] == ["未到位，已重开", "已整改到位"]
    assert office.get("/api/v1/tickets/1").json()["state"] == "reopened"


def test_from_months_end_to_a_numbered_circular_and_each_deduction_to_its_entry(
    served: Served, office: httpx.Client
) -> None:
    served.clock.at = MONTH.end
    make_rounds(served)
    served.clock.at = MONTH.end + timedelta(hours=9)
    page = office.get("/desk/months").text
    assert 'value="circular"' in page
    made = send(office, "/desk/papers", kind="circular", period=MONTH.label)
    paper = office.get(made.headers["location"]).text
    assert f"通〔{YEAR}〕1号" in paper
    again = send(office, "/desk/papers", kind="circular", period=MONTH.label)
    assert again.headers["location"] == made.headers["location"]
    report = send(office, "/desk/papers", kind="monthly", period=MONTH.label)
    assert f"报〔{YEAR}〕1号" in office.get(report.headers["location"]).text
    assert office.get(f"{report.headers['location']}.docx").content.startswith(b"PK")
    derivation = office.get(f"/desk/scores/{YEAR}/U-VILLAGE-1").text
    with served.database.read() as connection:
        (published,) = desk_log.entries(connection, kinds=["circular.published"])
    assert f"#entry-{published.seq}" in derivation
    assert "/tickets/1" in derivation
    entry = office.get(f"/desk/log?before={published.seq + 1}").text
    assert f'id="entry-{published.seq}"' in entry
    missing = send(office, "/desk/papers", kind="circular", period=MONTH.before.label)
    assert missing.status_code == 404


def test_grades_are_given_by_chiefs_only(office: httpx.Client) -> None:
    path = f"/desk/scores/{YEAR}/U-TOWN-UPPER/grade"
    assert send(office, path, year=YEAR, grade="fair").status_code in {403, 404}


def test_a_post_s_duties_stand_on_one_sheet(office: httpx.Client) -> None:
    page = office.get("/desk/duties/VILLAGE-1").text
    assert REGISTRY.reaches["YX-1"].name in page
    assert REGISTRY.posts["TOWN-UPPER"].title in page
    assert "XH-" in page
    assert office.get("/desk/duties/NOBODY").status_code == 404
