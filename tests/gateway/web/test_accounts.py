"""Accounts: made, changed, disabled, reset by a one-time code; the second factor; who looked."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.gateway.web.console_server import Served
from tests.gateway.web.river_rows import NOW
from tests.gateway.web.world import World, client_of, world
from xunhe.adapters.store import accounts, credentials, desk_log, members
from xunhe.desk.roles import Role
from xunhe.domain import totp

PASSWORD = "another long password"
CODE = re.compile(r'class="one-time">([0-9A-Z-]{14})<')


@pytest.fixture
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("accounts"), has_river=False) as found:
        yield found


@pytest.fixture
def administrator(made: World) -> httpx.Client:
    return made.clients["管理"]


def issued(page: httpx.Response) -> str:
    found = CODE.search(page.text)
    assert found, page.text
    return found[1]


def redeem(served: Served, name: str, code: str) -> httpx.Response:
    form = {"name": name, "code": code, "password": PASSWORD, "repeated": PASSWORD}
    with served.client() as client:
        return client.post("/reset", data=form)


def log_in(served: Served, name: str, password: str = PASSWORD) -> httpx.Response:
    with served.client() as client:
        return client.post("/login", data={"name": name, "password": password})


def test_an_account_is_made_without_anybody_knowing_its_password(
    made: World, administrator: httpx.Client
) -> None:
    page = administrator.post("/accounts", data={"name": "新人", "person": "P8"})
    code = issued(page)
    assert "VILLAGE-4" not in page.text.split("新人")[0]
    assert "北涧村" in page.text or "BJ-1" in page.text
    assert log_in(made.served, "新人", "none").status_code == 403
    wrong = redeem(made.served, "新人", "2222-2222-2222")
    assert (wrong.status_code, "名称与代码不符" in wrong.text) == (422, True)
    assert redeem(made.served, "新人", code).headers["location"] == "/phone"
    assert redeem(made.served, "新人", code).status_code == 422, "it works once"
    assert log_in(made.served, "新人").status_code == 303


def test_every_wrong_field_is_named_beside_itself_and_nothing_is_lost(
    administrator: httpx.Client,
) -> None:
    sent = {"name": "", "role": "king", "person": "", "code": "D-WATER"}
    page = administrator.post("/accounts", data=sent)
    assert page.status_code == 422
    for field in ("name", "role"):
        assert f'id="{field}-problem"' in page.text
        assert f'aria-describedby="{field}-problem"' in page.text
    assert '<option value="D-WATER" selected>' in page.text
    for sent, field in (
        ({"name": "张", "role": "handler"}, "code"),
        ({"name": "张", "role": "chief"}, "role"),
        ({"name": "张", "person": "P99"}, "person"),
        ({"name": "监督", "role": "office"}, "name"),
    ):
        assert f'id="{field}-problem"' in administrator.post("/accounts", data=sent).text
    assert "须选角色" in administrator.post("/accounts", data={"name": "张"}).text


def test_a_changed_seat_holds_at_once_and_stands_in_the_log_without_a_name(
    made: World, administrator: httpx.Client
) -> None:
    observer = made.clients["监督"]
    assert observer.get("/desk/reports").status_code == 403
    sent = {"name": "监督", "role": "office"}
    assert administrator.post("/accounts/seat", data=sent).status_code == 303
    assert observer.get("/desk/reports").status_code == 200
    with made.served.database.read() as connection:
        entry = list(desk_log.entries(connection))[-1]
    assert entry.kind == "member.reseated"
    assert "监督" not in str(entry)


def test_a_disabled_account_is_out_at_once_and_its_reset_code_lets_nobody_in(
    made: World, administrator: httpx.Client
) -> None:
    code = issued(administrator.post("/accounts/reset", data={"name": "值班"}))
    assert redeem(made.served, "值班", code).status_code == 303
    with client_of(made.served, "值班") as operator:
        assert operator.get("/account").status_code == 200
        assert administrator.post("/accounts/disabling", data={"name": "值班"}).status_code == 303
        assert operator.get("/account").status_code == 303
    refused = log_in(made.served, "值班")
    assert (refused.status_code, "此账号已停用" in refused.text) == (403, True)
    code = issued(administrator.post("/accounts/reset", data={"name": "值班"}))
    assert redeem(made.served, "值班", code).status_code == 422
    administrator.post("/accounts/enabling", data={"name": "值班"})
    assert redeem(made.served, "值班", code).status_code == 303


def test_a_reset_code_ends_after_three_days_and_after_ten_failures(
    made: World, administrator: httpx.Client
) -> None:
    store = made.served.database
    for late, outcome in (
        (timedelta(0), credentials.ResetOutcome.DONE),
        (timedelta(milliseconds=1), credentials.ResetOutcome.WRONG),
    ):
        code = issued(administrator.post("/accounts/reset", data={"name": "监督"}))
        at = NOW + credentials.RESET_HOLDS + late
        assert credentials.redeem_reset(store, "监督", code, PASSWORD, at) is outcome
    code = issued(administrator.post("/accounts/reset", data={"name": "监督"}))
    for _ in range(accounts.MAX_CODE_FAILURES):
        found = credentials.redeem_reset(store, "监督", "wrong", PASSWORD, NOW)
        assert found is credentials.ResetOutcome.WRONG
    found = credentials.redeem_reset(store, "监督", code, PASSWORD, NOW)
    assert found is credentials.ResetOutcome.LOCKED


def test_an_administrator_does_not_lock_himself_out(administrator: httpx.Client) -> None:
    mine = {"name": "管理"}
    assert administrator.post("/accounts/disabling", data=mine).status_code == 409
    assert administrator.post("/accounts/leaving", data=mine).status_code == 409
    demotion = {**mine, "role": "observer"}
    assert administrator.post("/accounts/seat", data=demotion).status_code == 409
    assert administrator.post("/accounts/reset", data={"name": "无此人"}).status_code == 404


def test_an_account_that_is_taken_away_leaves_nothing_of_itself(
    made: World, administrator: httpx.Client
) -> None:
    administrator.post("/accounts/disabling", data={"name": "监督"})
    administrator.post("/accounts/reset", data={"name": "监督"})
    assert administrator.post("/accounts/leaving", data={"name": "监督"}).status_code == 303
    with made.served.database.read() as connection:
        assert members.find(connection, "监督") is None
        assert "监督" not in {state.user for state in credentials.states(connection)}


def with_password(made: World, name: str) -> None:
    with made.served.database.write() as connection:
        credentials.set_password(connection, name, accounts.hashed(PASSWORD))


def test_ones_own_password_is_changed_with_the_old_one_and_ends_other_sessions(
    made: World,
) -> None:
    with_password(made, "监督")
    fresh = {"password": "a third long password", "repeated": "a third long password"}
    with client_of(made.served, "监督") as here, client_of(made.served, "监督") as elsewhere:
        wrong = here.post("/account/password", data={"old_password": "?", **fresh, "repeated": "x"})
        assert wrong.status_code == 422
        for field in ("old_password", "repeated"):
            assert f'id="{field}-problem"' in wrong.text
        changed = here.post("/account/password", data={"old_password": PASSWORD, **fresh})
        assert changed.headers["location"] == "/account"
        assert elsewhere.get("/account").status_code == 303
        assert here.get("/account").status_code == 200
    assert log_in(made.served, "监督", fresh["password"]).status_code == 303


def test_the_second_factor_is_asked_for_and_each_code_counts_once(made: World) -> None:
    with_password(made, "监督")
    wall = made.served.wall
    with client_of(made.served, "监督") as me:
        page = me.get("/account/second-factor")
        secret = page.text.split('name="secret" value="')[1].split('"')[0]
        shared = base64.b32decode(secret)
        assert "data:image/svg+xml" in page.text
        refused = me.post("/account/second-factor", data={"secret": secret, "code": "000000"})
        assert refused.status_code == 422
        now_code = totp.code(shared, totp.step_of(wall.at))
        sent = {"secret": secret, "code": now_code}
        assert me.post("/account/second-factor", data=sent).status_code == 303
    first = log_in(made.served, "监督")
    assert (first.status_code, "set-cookie" in first.headers) == (200, False)
    ticket = first.text.split('name="ticket" value="')[1].split('"')[0]
    with made.served.client() as client:
        used = client.post("/login/code", data={"ticket": ticket, "code": now_code})
        assert (used.status_code, "已用过" in used.text) == (403, True)
        wall.at += timedelta(seconds=30)
        code = totp.code(shared, totp.step_of(wall.at))
        done = client.post("/login/code", data={"ticket": ticket, "code": code})
        assert (done.status_code, "xunhe_session" in done.cookies) == (303, True)
        again = client.post("/login/code", data={"ticket": ticket, "code": code})
        assert again.status_code == 403


def test_a_name_is_locked_from_everywhere_after_twenty_failures(made: World) -> None:
    served = made.served
    guess = {"code": "?", "password": PASSWORD, "repeated": PASSWORD}
    with served.client() as client:
        for _ in range(26):
            served.wall.at += timedelta(minutes=6)  # longer than this caller has to wait
            client.post("/reset", data={**guess, "name": "监督"})
        served.wall.at += timedelta(minutes=1)
        answer = client.post("/login", data={"name": "监督", "password": "?"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) <= 15 * 60


def test_every_look_at_personal_data_is_noted_with_who_when_what_and_why(made: World) -> None:
    office = made.clients["河长办"]
    assert office.get("/desk/reports").status_code == 200
    assert office.get("/desk/reports", params={"why": "群众来电核实"}).status_code == 200
    assert made.clients["监督"].get("/desk/reports").status_code == 403
    page = made.clients["管理"].get("/accounts/looks").text
    assert page.count("<code>/desk/reports</code>") == 2
    for said in ("河长办", "office", "群众举报的原话与电话", "群众来电核实"):
        assert said in page


def test_the_accounts_page_says_what_each_role_sees(administrator: httpx.Client) -> None:
    page = administrator.get("/accounts").text
    for said in ("谁能看什么", "本岗位、本单位的河段", "群众举报的原话与电话", "只读"):
        assert said in page


# RFC 6238, appendix B, SHA-1, the last six of its eight digits.
@pytest.mark.parametrize(
    ("second", "digits"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_one_time_passwords_are_those_of_the_rfc(second: int, digits: str) -> None:
    assert totp.code(b"12345678901234567890", second // totp.STEP_S) == digits


def test_a_phones_clock_may_be_half_a_minute_off_and_no_more() -> None:
    secret, at = b"s" * 20, datetime(2026, 7, 1, tzinfo=UTC)
    step = totp.step_of(at)
    for drift in (-1, 0, 1):
        assert totp.step_of_code(secret, totp.code(secret, step + drift), at) == step + drift
    for drift in (-2, 2):
        assert totp.step_of_code(secret, totp.code(secret, step + drift), at) is None


def test_a_phone_reads_the_secret_from_the_address() -> None:
    address = totp.address(b"12345678901234567890", "站长", "巡河 xunhe")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query)["secret"] == ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]


def test_the_roles_of_an_account_are_all_that_there_are() -> None:
    assert {role.value for role in Role} == {
        "xunhe",
        "office",
        "chief",
        "handler",
        "inspector",
        "contractor",
        "volunteer",
        "observer",
        "operator",
        "technician",
        "administrator",
    }
