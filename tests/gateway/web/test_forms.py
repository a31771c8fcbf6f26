"""Forms that come twice, too late, too large, after somebody else's, or after their session."""

import html
import threading
from collections.abc import Iterator

import httpx
import pytest
from pydantic import BaseModel, Field

from tests.gateway.web.console_server import NAME, PASSWORD
from tests.gateway.web.world import World, client_of, world
from xunhe.adapters.store import accounts, credentials
from xunhe.web import body_limit
from xunhe.web.forms import Filled, read
from xunhe.web.resume import Interrupted, from_text

STEPS = "/tickets/2/steps"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("forms")) as found:
        with found.served.database.write() as connection:
            hashed = accounts.hashed(PASSWORD)
            accounts.add_user(connection, NAME, hashed, found.served.wall.now())
        yield found


@pytest.fixture
def office(made: World) -> Iterator[httpx.Client]:
    with client_of(made.served, "河长办") as client:
        yield client


def opened(client: httpx.Client, key: str) -> tuple[str, int]:
    """A ticket of its own for a test: path and revision."""
    found = {"key": key, "source": "12345", "category": "floating.litter", "reach": "YX-1"}
    answer = client.post("/api/v1/tickets", json={**found, "severity": "minor", "reason": "垃圾"})
    assert answer.status_code == 200, answer.text
    return f"/tickets/{answer.json()['id']}", answer.json()["revision"]


def step(revision: int, **fields: object) -> dict[str, object]:
    return {"action": "accept", "reason": "现场核实", "revision": revision, **fields}


def test_a_form_sent_twice_acts_once_and_leads_to_the_same_page(office: httpx.Client) -> None:
    path, revision = opened(office, "twice")
    sent = step(revision, once="k" * 32)
    first, second = (office.post(f"{path}/steps", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"] == path
    ticket = office.get(f"/api/v1{path}").json()
    assert ticket["revision"] == revision + 1


def test_a_double_click_at_the_same_moment_acts_once(made: World, office: httpx.Client) -> None:
    path, revision = opened(office, "double")
    sent = step(revision, once="d" * 32)
    answers: list[int] = []

    def press() -> None:
        with client_of(made.served, "河长办") as client:
            answers.append(client.post(f"{path}/steps", data=sent).status_code)

    presses = [threading.Thread(target=press) for _ in range(6)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert set(answers) <= {303, 409}
    assert 303 in answers
    assert office.get(f"/api/v1{path}").json()["revision"] == revision + 1


def test_a_refused_form_may_be_sent_again_with_its_key(office: httpx.Client) -> None:
    path, revision = opened(office, "again")
    wrong = step(revision, once="r" * 32, action="close")
    assert office.post(f"{path}/steps", data=wrong).status_code == 409
    right = step(revision, once="r" * 32)
    assert office.post(f"{path}/steps", data=right).status_code == 303


def test_the_key_of_one_person_means_nothing_to_another(made: World, office: httpx.Client) -> None:
    path, revision = opened(office, "persons")
    office.post(f"{path}/steps", data=step(revision, once="p" * 32))
    other = made.clients["值班"]
    form = step(revision + 1, once="p" * 32, action="assign", handler="D-WATER")
    assert other.post(f"{path}/steps", data=form).status_code == 303
    assert office.get(f"/api/v1{path}").json()["revision"] == revision + 2


def test_the_second_of_two_sees_whose_change_it_was_and_what_and_keeps_his_words(
    made: World, office: httpx.Client
) -> None:
    path, revision = opened(office, "two")
    made.clients["值班"].post(f"{path}/steps", data=step(revision, reason="电话核实属实"))
    late = step(revision, action="assign", handler="D-WATER", reason="我写的理由")
    page = office.post(f"{path}/steps", data=late)
    assert page.status_code == 409
    for said in ("值班", "受理（挂单）", "电话核实属实", "我写的理由", "仍然提交"):
        assert said in page.text
    assert f'name="revision" value="{revision + 1}"' in page.text
    again = {**late, "revision": revision + 1}
    assert office.post(f"{path}/steps", data=again).status_code == 303


def test_a_program_gets_the_changes_too(made: World, office: httpx.Client) -> None:
    path, revision = opened(office, "program")
    made.clients["值班"].post(f"{path}/steps", data=step(revision))
    late = {"action": "accept", "reason": "x", "revision": revision}
    answer = office.post(f"/api/v1{path}/steps", json=late).json()
    assert (answer["code"], answer["revision"]) == ("stale_revision", revision + 1)
    (change,) = answer["changes"]
    assert (change["office"], change["person"]) == ("operator", "值班")
    assert (change["action_zh"], change["reason"]) == ("受理（挂单）", "现场核实")


def test_a_session_that_ends_in_mid_form_loses_nothing(made: World, office: httpx.Client) -> None:
    path, revision = opened(office, "session")
    with client_of(made.served, "监督") as _, made.served.client() as late:
        late.cookies.set("xunhe_session", "a session that has ended")
        form = step(revision, reason='写了半小时的"理由"')
        page = late.post(f"{path}/steps", data={**form, "csrf": "old"})
        assert page.status_code == 401
        assert "刚才填写的内容还在" in page.text
        kept = html.unescape(page.text.split('name="resume" value="')[1].split('"')[0])
        late.cookies.clear()
        log_in = {"name": NAME, "password": PASSWORD, "next": "/", "resume": kept}
        resumed = late.post("/login", data=log_in)
        assert resumed.status_code == 200
        text = html.unescape(resumed.text)
        assert '写了半小时的"理由"' in text
        assert f'action="{path}/steps"' in text
        csrf = text.split('name="csrf" value="')[1].split('"')[0]
        assert csrf != "old"
        assert late.post(f"{path}/steps", data={**form, "csrf": csrf}).status_code == 303
    assert office.get(f"/api/v1{path}").json()["state"] == "accepted"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        '["https://elsewhere.example/", [], []]',
        '["//elsewhere.example/", [], []]',
        '["/nowhere", [["a", "b"]], []]',
        '["/tickets/1", [], []]',
        '["/tickets/1/steps", [["a"]], []]',
        '{"path": 1}',
    ],
)
def test_only_forms_of_this_site_are_resumed(text: str) -> None:
    assert from_text(text) is None


def test_a_kept_form_survives_its_way_through_the_log_in_form() -> None:
    kept = Interrupted("/tickets/1/steps", (("reason", '<"理由">'), ("a", "1")), ("photo",))
    assert from_text(kept.to_text()) == kept


def test_a_form_to_a_ticket_that_is_not_his_says_that_there_is_none(made: World) -> None:
    chief = made.clients["河长"]
    answer = chief.post(STEPS, data=step(1))
    missing = chief.post("/tickets/999/steps", data=step(1))
    assert (answer.status_code, missing.status_code) == (404, 404)
    assert answer.text.replace("2", "").replace("9", "") == missing.text.replace("2", "").replace(
        "9", ""
    )


def photograph(size: int) -> Iterator[bytes]:
    yield b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    for _ in range(size // 2**20):
        yield b"\x00" * 2**20


@pytest.mark.parametrize("path", ["/tickets/2/files", "/api/v1/tickets/2/files", "/report"])
@pytest.mark.parametrize("says_its_size", [True, False])
def test_a_photograph_of_fifty_megabytes_gets_a_clear_answer(
    office: httpx.Client, path: str, says_its_size: bool
) -> None:
    size = 50 * 2**20
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    if says_its_size:
        headers["Content-Length"] = str(size + 71)
    answer = office.post(path, content=photograph(size), headers=headers)
    assert answer.status_code == 413, answer.text[:300]
    assert "照片" in answer.text
    assert "16 MiB" in answer.text or "太大" in answer.text


def test_the_largest_upload_is_still_read(office: httpx.Client) -> None:
    data = b"\x00" * body_limit.MAX_UPLOAD
    answer = office.post("/api/v1/tickets/2/files", content=data)
    assert answer.status_code in (422, 503), "read, and then found to be no picture"


class Typed(BaseModel):
    """A form with every kind of field."""

    name: str = Field(min_length=1, max_length=4)
    count: int = Field(ge=1, le=9)
    metres: float = 0.0


def test_every_wrong_field_has_its_sentence_in_both_languages() -> None:
    found = read(Typed, {"name": "", "count": "many", "metres": "far", "csrf": "secret"})
    assert isinstance(found, Filled)
    assert {name: words.zh for name, words in found.problems.items()} == {
        "name": "至少 1 个字",
        "count": "请填整数",
        "metres": "请填数字",
    }
    assert found.values == {"name": "", "count": "many", "metres": "far"}


@pytest.mark.parametrize(("count", "zh"), [("0", "不得小于 1"), ("10", "不得大于 9")])
def test_a_number_out_of_range_names_its_limit(count: str, zh: str) -> None:
    found = read(Typed, {"name": "a", "count": count})
    assert isinstance(found, Filled)
    assert found.problems["count"].zh == zh
    assert isinstance(read(Typed, {"name": "a", "count": "9"}), Typed)


def test_no_password_is_ever_shown_again() -> None:
    found = Filled.of({"name": "a", "password": "secret", "repeated": "secret"})
    assert dict(found.values) == {"name": "a"}
    assert credentials.NO_PASSWORD not in found.values.values()
