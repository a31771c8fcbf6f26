"""The first administrator, log-in and its back-off."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from tests.gateway.web.console_server import NAME, PASSWORD, Served, add_administrator
from tests.gateway.web.river_rows import NOW, SetClock, opened
from xunhe.adapters.store import accounts, schema
from xunhe.adapters.store.accounts import SetupOutcome, create_administrator, ensure_setup_code
from xunhe.adapters.store.database import Database
from xunhe.web.backoff import Backoff
from xunhe.web.sign_in import local_path


def setup(client: httpx.Client, code: str, **other: str) -> httpx.Response:
    form = {"code": code, "name": NAME, "password": PASSWORD, "repeated": PASSWORD, **other}
    return client.post("/setup", data=form)


def code_of(store: Database) -> str:
    code = ensure_setup_code(store, SetClock())
    assert code is not None
    return code


def test_the_code_creates_the_administrator_once(
    served: Served, client: httpx.Client, store: Database
) -> None:
    code = code_of(store)
    assert setup(client, code).status_code == 303
    assert NAME in client.get("/account").text
    with served.client() as other:
        assert setup(other, code, name="二号").status_code == 409
        assert other.get("/setup").headers["location"] == "/login"
    with store.read() as connection:
        assert connection.execute(sa.select(schema.setup_code)).all() == []
        names = connection.execute(sa.select(schema.user.c.name)).scalars().all()
    assert names == [NAME]
    assert ensure_setup_code(store, SetClock()) is None


def test_a_code_may_be_typed_carelessly(client: httpx.Client, store: Database) -> None:
    assert setup(client, f" {code_of(store).lower().replace('-', ' ')} ").status_code == 303


def test_each_start_without_users_replaces_the_code(client: httpx.Client, store: Database) -> None:
    old, new = code_of(store), code_of(store)
    assert old != new
    assert setup(client, old).status_code == 403
    assert setup(client, new).status_code == 303


def test_the_code_locks_after_ten_failures_until_a_restart(
    client: httpx.Client, store: Database
) -> None:
    code = code_of(store)
    for _ in range(accounts.MAX_CODE_FAILURES):
        answer = setup(client, "2222-2222-2222")
        assert answer.status_code == 403
        assert "一次性代码不对" in answer.text
    locked = setup(client, code)
    assert locked.status_code == 403
    assert "请重启 xunhe" in locked.text
    assert setup(client, code_of(store)).status_code == 303


def test_nine_failures_do_not_lock(tmp_path: Path) -> None:
    store = opened(tmp_path)
    code = code_of(store)
    for _ in range(accounts.MAX_CODE_FAILURES - 1):
        assert create_administrator(store, "x", NAME, PASSWORD, NOW) is SetupOutcome.WRONG_CODE
    assert create_administrator(store, code, NAME, PASSWORD, NOW) is SetupOutcome.CREATED
    store.close()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("password", "ninechars", "密码至少 10 位"),
        ("repeated", "another password", "两次输入的密码不同"),
        ("name", " ", "请填写名称"),
        ("name", "x" * 65, "请填写名称"),
    ],
)
def test_unfit_input_is_named_and_costs_no_attempt(
    client: httpx.Client, store: Database, field: str, value: str, said: str
) -> None:
    code = code_of(store)
    answer = setup(client, code, **{field: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert setup(client, code).status_code == 303


def test_nothing_secret_rests_in_the_database(served: Served, store: Database) -> None:
    code = code_of(store)
    assert code.encode() not in store.path.read_bytes()
    with served.member() as member:
        token = member.cookies["xunhe_session"]
    with store.read() as connection:
        rows = connection.execute(sa.select(schema.user.c.password_hash)).scalars().all()
        hashes = connection.execute(sa.select(schema.session.c.token_hash)).scalars().all()
    assert rows[0].startswith("$argon2id$")
    assert token not in hashes


def test_the_cookie_is_strict_and_out_of_scripts_reach(served: Served) -> None:
    add_administrator(served.database, served.wall)
    with served.client() as client:
        answer = client.post("/login", data={"name": NAME, "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert f"max-age={43200 + 7 * 86400}" in cookie


def test_log_in_backs_off_and_forgives(served: Served) -> None:
    add_administrator(served.database, served.wall)
    with served.client() as client:
        wrong = {"name": NAME, "password": "wrong"}
        right = {"name": NAME, "password": PASSWORD}
        for _ in range(5):
            assert client.post("/login", data=wrong).status_code == 403
        refused = client.post("/login", data=right)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "3"
        assert "请等待" in refused.text
        served.wall.at = NOW + timedelta(seconds=3)
        assert client.post("/login", data=right).status_code == 303


def test_an_unknown_name_and_a_wrong_password_look_alike(served: Served) -> None:
    add_administrator(served.database, served.wall)
    with served.client() as client:
        texts = [
            client.post("/login", data={"name": name, "password": "wrong"}).text
            for name in (NAME, "nobody")
        ]
    assert texts[0] == texts[1]
    assert "名称或密码不对" in texts[0]


def test_back_off_doubles_up_to_a_limit() -> None:
    backoff, key, waits = Backoff(), ("127.0.0.1", NAME), []
    for _ in range(16):
        backoff.failed(key, NOW)
        waits.append(backoff.wait(key, NOW).total_seconds())
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits[-1] == 300
    assert backoff.wait(("127.0.0.1", "other"), NOW) == timedelta(0)
    backoff.succeeded(key)
    assert backoff.wait(key, NOW) == timedelta(0)


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/tickets/2", "/tickets/2"),
        ("//elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
        ("/\\elsewhere.example", "/"),
        ("/a\nb", "/"),
        ("", "/"),
    ],
)
def test_log_in_never_leads_to_another_host(target: str, goes_to: str) -> None:
    assert local_path(target) == goes_to
