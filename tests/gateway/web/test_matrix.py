"""Every route times every role times a thing of another reach, made from permissions.py itself.

A new route needs its line there and nothing here; a new path parameter may need a word in world.py.
"""

from collections.abc import Iterator
from itertools import product

import httpx
import pytest

from tests.gateway.web.world import FOREIGN, NAMES, OWN, SECRET, World, concrete, world
from xunhe.desk.roles import Role
from xunhe.web.application import ROUTERS
from xunhe.web.decision import Caller, Decision, decide
from xunhe.web.permissions import LOCAL, PERMISSIONS
from xunhe.web.route_rules import RouteTable, Rule

ROUTES = sorted(PERMISSIONS)
IDS = [route for route, _ in ROUTES]
SCOPED = [(route, rule) for route, rule in ROUTES if rule.thing is not None]
READ_BY_ALL = [
    (route, rule)
    for route, rule in SCOPED
    if route.startswith("GET ") and Role.OBSERVER in rule.roles
]
WRITES = [(route, rule) for route, rule in ROUTES if not route.startswith("GET ")]
CLOSED = [(route, rule) for route, rule in ROUTES if not rule.is_open]


def named(routes: list[tuple[str, Rule]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("route", "rule"), routes, ids=[route for route, _ in routes])


ROLES = [role for role in Role if role is not Role.SYSTEM]
FOR_PROGRAMS = ("/api/", "/fragments/", "/metrics", "/sta/")
# They end the session of whoever asks them; test_sign_in and test_accounts have them.
ENDS_THE_SESSION = {"POST /logout", "POST /account/sessions"}
# What a route that was reached may say where there is nothing to show: no file, no tile, no store.
REACHED = {200, 204, 307, 404, 409, 410, 422, 503}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("locked")) as made:
        yield made


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("demo"), read_without_login=True) as made:
        yield made


def ask(client: httpx.Client, route: str, path: str) -> tuple[int, str]:
    """Status, and the answer's beginning: the live stream never ends by itself."""
    method = route.partition(" ")[0]
    body = {"json": {}} if path.startswith("/api/") and method != "GET" else {}
    # A refused body is not read, and its connection ends: the next request takes another.
    with client.stream(method, path, headers={"Connection": "close"}, **body) as answer:
        if "event-stream" in answer.headers.get("content-type", ""):
            return answer.status_code, ""
        return answer.status_code, answer.read().decode("utf-8", "replace")


def routed(route: str, rule: Rule) -> str:
    """Its path, naming things of the chief's own reach."""
    return concrete(route.partition(" ")[2], rule, OWN)


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    served = {
        f"{verb} {route.path}"  # type: ignore[attr-defined]
        for router in ROUTERS
        for route in router.routes
        for verb in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    assert sorted(served - set(IDS)) == [], "routes that permissions.py does not know"
    assert sorted(set(IDS) - served - {"GET /api/v1/openapi.json"}) == [], "lines without a route"


@named(ROUTES)
def test_a_stranger_is_asked_to_log_in(locked: World, route: str, rule: Rule) -> None:
    path = routed(route, rule)
    with locked.served.client() as stranger:
        status, text = ask(stranger, route, path)
    is_page = route.startswith("GET ") and not path.startswith(FOR_PROGRAMS)
    if rule.is_open:
        assert status not in (401, 500), text
        assert "not_logged_in" not in text
    else:
        assert status == (303 if is_page else 401)


@named(CLOSED)
def test_the_virtual_river_is_read_by_everyone_and_written_by_nobody(
    demo: World, route: str, rule: Rule
) -> None:
    path = routed(route, rule)
    with demo.served.client() as stranger:
        status, text = ask(stranger, route, path)
    if rule.in_demo:
        assert route.startswith("GET "), "only reading is ever open"
        assert rule.personal is None
        assert status in REACHED, text[:500]
    else:
        assert status in (303, 401)


@named(ROUTES)
def test_a_role_that_may_gets_through_and_one_that_may_not_does_not(
    locked: World, route: str, rule: Rule
) -> None:
    """And no page or list that is the chief's shows him what another reach knows."""
    path = routed(route, rule)
    may = [role for role in ROLES if role in rule.roles or rule.is_open or rule.any_account]
    assert may, "a route that nobody may use"
    chosen = Role.CHIEF if Role.CHIEF in may else may[-1]
    if route not in ENDS_THE_SESSION:
        status, text = ask(locked.of(chosen), route, path)
        allowed = REACHED if route.startswith("GET ") else REACHED | {201, 303, 403}
        allowed = allowed | {303} if rule.is_open else allowed
        assert status in allowed, f"the table lets {chosen} in: {text[:500]}"
        assert chosen is not Role.CHIEF or SECRET not in text
    refused = [role for role in ROLES if role not in may]
    if refused:
        status, text = ask(locked.of(refused[0]), route, path)
        assert status == 403, f"{refused[0]}: {text[:300]}"
    for role in refused:
        caller = Caller(frozenset({role}))
        found = decide(rule, route.partition(" ")[0], caller, read_without_login=True)
        assert found is Decision.NOT_HIS


@named(SCOPED)
def test_what_lies_in_another_reach_is_as_if_it_were_not_there(
    locked: World, route: str, rule: Rule
) -> None:
    locals_ = [role for role in (Role.CHIEF, Role.CONTRACTOR) if role in rule.roles]
    template = route.partition(" ")[2]
    for role in locals_:
        status, text = ask(locked.of(role), route, concrete(template, rule, FOREIGN))
        assert status == 404, f"{role} sees it: {text[:300]}"
        assert rule.thing is not None
        for words in rule.thing.value:
            assert words in text


@named(READ_BY_ALL)
def test_whoever_sees_every_reach_sees_it(locked: World, route: str, rule: Rule) -> None:
    path = concrete(route.partition(" ")[2], rule, FOREIGN)
    status, text = ask(locked.of(Role.OBSERVER), route, path)
    assert status in REACHED, text[:500]


def test_the_secret_of_the_other_reach_is_there_to_be_seen(locked: World) -> None:
    """Or else the test above would hold of anything."""
    observer = locked.of(Role.OBSERVER)
    for path in ("/tickets/2", "/documents/2", "/api/v1/alerts", "/"):
        assert SECRET in observer.get(path).text, path


def test_a_chief_whose_tenure_is_over_has_his_account_and_nothing_else(locked: World) -> None:
    left = locked.clients["离任"]
    assert left.get("/account").status_code == 200
    assert left.get("/handovers/1").status_code == 404, "he is no party to it"
    for path in ("/", "/tickets/1", "/api/v1/tickets"):
        assert left.get(path).status_code == 403


def test_every_role_has_somebody_here() -> None:
    assert set(NAMES) == set(ROLES)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"])
def test_what_nobody_declared_is_nobodys(method: str) -> None:
    for roles, is_demo in product([None, *map(frozenset, [[role] for role in ROLES])], [True]):
        caller = Caller(roles, has_token=True)
        found = decide(None, method, caller, read_without_login=is_demo)
        assert found in (Decision.UNKNOWN, Decision.NOT_LOGGED_IN)


@named(WRITES)
def test_a_write_from_another_site_is_refused_of_everyone(route: str, rule: Rule) -> None:
    method = route.partition(" ")[0]
    for roles in (None, *(frozenset({role}) for role in ROLES)):
        foreign = Caller(roles, own_origin=False)
        found = decide(rule, method, foreign, read_without_login=True)
        assert found is Decision.FOREIGN_ORIGIN


def test_the_more_literal_template_is_the_one_that_counts() -> None:
    table = RouteTable({"GET /a/{x}": Rule(), "GET /a/{x}.{y}": Rule(is_open=True)})
    found = table.find("HEAD", "/a/1.pdf")
    assert found is not None
    assert (found.template, dict(found.values)) == ("GET /a/{x}.{y}", {"x": "1", "y": "pdf"})
    assert table.find("GET", "/a/1/2") is None
    with pytest.raises(ValueError, match="twice"):
        RouteTable({"GET /a": Rule()}, {"GET /a": Rule()})


def test_only_roles_with_reaches_of_their_own_are_kept_to_them() -> None:
    assert {Role.CHIEF, Role.HANDLER, Role.CONTRACTOR, Role.VOLUNTEER} == LOCAL
