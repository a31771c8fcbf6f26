"""Papers and packages over the web: issued, shown, given as files."""

import zipfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW, add_incident, opened
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import desk_log, tickets
from xunhe.adapters.store.tickets import Opening
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source
from xunhe.settings import DocumentSettings

HOUR = timedelta(hours=1)
ISSUE = "/api/v1/tickets/1/documents"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    database = opened(tmp_path)
    with database.write() as connection:
        incident = add_incident(connection)
        opening = Opening(
            key=f"incident:{incident}",
            source=Source.BUOY,
            category="water.quality",
            severity=Severity.SEVERE,
            reach="YX-1",
            post="VILLAGE-1",
            at=NOW - 2 * HOUR,
            deadline=Deadline(NOW - HOUR),
            reason="氨氮突升 / ammonia rose",
            incident_id=incident,
        )
        tickets.open_ticket(connection, opening)
    settings = DocumentSettings(packages=tmp_path / "packages", public_url="https://r.example")
    store = EvidenceStore(tmp_path / "evidence")
    with serve(database, evidence=store, documents=settings) as served:
        yield served
    database.close()


@pytest.fixture
def member(site: Served) -> Iterator[httpx.Client]:
    with site.member() as client:
        yield client


def test_an_assignment_is_numbered_shown_and_given_as_files(member: httpx.Client) -> None:
    answer = member.post(ISSUE, json={"kind": "assignment", "words": "立即封堵"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["number"] == "河长办交〔2026〕1号"
    page = member.get("/documents/1")
    assert "立即封堵" in page.text
    assert "河长办交〔2026〕1号" in page.text
    assert member.get("/documents/1.pdf").content.startswith(b"%PDF")
    assert zipfile.is_zipfile(BytesIO(member.get("/documents/1.docx").content))
    assert [row["number"] for row in member.get("/api/v1/documents").json()] == [
        "河长办交〔2026〕1号"
    ]


def test_an_urging_letter_names_the_assignment_before_it(member: httpx.Client) -> None:
    member.post(ISSUE, json={"kind": "assignment"})
    member.post(ISSUE, json={"kind": "urging", "words": "逾期未反馈"})
    page = member.get("/documents/2").text
    for said in (
        "河长办督〔2026〕1号",
        "河长办交〔2026〕1号交办的",
        "至今未办结",
        "抄送",
        "区级河长",
    ):
        assert said in page


def test_the_form_of_the_page_issues_too(member: httpx.Client) -> None:
    token = member.headers.pop("X-CSRF-Token")
    form = {"csrf": token, "kind": "assignment", "words": "清理"}
    answer = member.post("/tickets/1/documents", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tickets/1/documents")
    assert "河长办交〔2026〕1号" in member.get("/tickets/1/documents").text
    assert "河长办交〔2026〕1号" in member.get("/documents").text


def test_a_package_needs_a_recipient_and_then_goes_with_its_letter(
    site: Served, member: httpx.Client
) -> None:
    refused = member.post(ISSUE, json={"kind": "referral"})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_package")
    for action, more in (("accept", {}), ("transfer", {"recipient": "演示区公安分局"})):
        revision = member.get("/api/v1/tickets/1").json()["revision"]
        step = {"action": action, "reason": "涉嫌违法", "revision": revision, **more}
        assert member.post("/api/v1/tickets/1/steps", json=step).status_code == 200
    made = member.post(ISSUE, json={"kind": "referral"})
    assert made.status_code == 201, made.text
    digest = made.json()["package"].removeprefix("/packages/").removesuffix(".zip")
    assert digest in member.get(made.json()["url"]).text
    assert "演示区公安分局：" in member.get(made.json()["url"]).text
    archive = zipfile.ZipFile(BytesIO(member.get(made.json()["package"]).content))
    assert "verify.py" in archive.namelist()
    with site.database.read() as connection:
        (entry,) = desk_log.entries(connection, kinds=["package.made"])
        assert entry.data["manifest"] == digest
        assert desk_log.first_flaw(connection) is None


def test_a_clock_set_back_issues_nothing_and_takes_no_number(
    site: Served, member: httpx.Client
) -> None:
    member.post(ISSUE, json={"kind": "assignment"})
    site.clock.at = NOW.replace(month=6)
    refused = member.post(ISSUE, json={"kind": "assignment"})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_date")
    site.clock.at = NOW
    assert member.post(ISSUE, json={"kind": "assignment"}).json()["number"].endswith("2号")


def test_a_board_shows_whoever_holds_the_posts_now(site: Served) -> None:
    with site.client() as client:
        page = client.get("/boards/YX-B1").text
        assert "演示人员五" in page
        assert "data:image/svg" in page
        assert client.get("/boards/YX-B1.pdf").content.startswith(b"%PDF")
        assert client.get("/boards/none").status_code == 404


@pytest.mark.parametrize("address", ["/documents/9", "/documents/9.pdf", "/tickets/9/documents"])
def test_what_there_is_not_is_404(member: httpx.Client, address: str) -> None:
    assert member.get(address).status_code == 404


def test_a_stranger_issues_nothing_and_gets_no_package(site: Served) -> None:
    with site.client() as client:
        assert client.post(ISSUE, json={"kind": "assignment"}).status_code == 401
        assert client.get(f"/packages/{'0' * 64}.zip").status_code == 303


def test_an_unknown_ticket_is_404(member: httpx.Client) -> None:
    answer = member.post("/api/v1/tickets/9/documents", json={"kind": "assignment"})
    assert answer.status_code == 404


def test_a_monthly_report_is_issued_from_the_log(member: httpx.Client) -> None:
    made = member.post("/api/v1/documents", json={"kind": "monthly", "period": "2026-06"})
    assert made.status_code == 201, made.text
    assert made.json()["number"] == "河长办报〔2026〕1号"
    assert "2026年6月河湖长制工作月报" in member.get("/documents/1").text


def test_a_circular_that_was_never_published_is_404(member: httpx.Client) -> None:
    asked = {"kind": "circular", "period": "2026-05"}
    assert member.post("/api/v1/documents", json=asked).status_code == 404
    assert member.post("/api/v1/documents", json={**asked, "period": "May"}).status_code == 422


@pytest.mark.parametrize(
    ("person", "assignment", "urging"), [("P5", 201, 403), ("P3", 201, 201), ("P6", 404, 404)]
)
def test_a_chief_issues_papers_about_his_own_waters_only(
    site: Served, member: httpx.Client, person: str, assignment: int, urging: int
) -> None:
    """P5 owns the ticket, P3 is the township's chief above him; P6 is not to know of it."""
    account = {"name": person, "password": "a long enough password"}
    added = member.post("/api/v1/desk/members", json={**account, "person": person})
    assert added.status_code == 201, added.text
    with site.client() as chief:
        chief.post("/login", data=account)
        page = chief.get("/").text
        chief.headers["X-CSRF-Token"] = page.split('name="csrf" value="')[1].split('"')[0]
        assert chief.post(ISSUE, json={"kind": "assignment"}).status_code == assignment
        assert chief.post(ISSUE, json={"kind": "urging"}).status_code == urging
        refused = chief.post(ISSUE, json={"kind": "referral"})
        assert refused.status_code == (404 if assignment == 404 else 403)
