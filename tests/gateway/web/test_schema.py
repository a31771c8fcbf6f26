"""schemathesis on the OpenAPI description: nothing that it makes up breaks what is described."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.gateway.web.world import World, world
from xunhe.desk.roles import Role
from xunhe.web.access import COOKIE
from xunhe.web.permissions import PERMISSIONS

EXAMPLES, MANY = 3, 100  # of each operation and mode, in `make test` and in `make test-all`
ENDLESS = "GET /api/v1/events"  # test_live_stream reads it
UNDESCRIBED = {"GET /api/v1/openapi.json", ENDLESS}
OPERATIONS = sorted(
    route for route, _ in PERMISSIONS if " /api/v1/" in route and route not in UNDESCRIBED
)
HELD = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("schema")) as found:
        yield found


@pytest.fixture(scope="module")
def schema(made: World) -> Any:
    description = made.of(Role.ADMINISTRATOR).get("/api/v1/openapi.json").json()
    return schemathesis.openapi.from_dict(without_tuples(description))


def without_tuples(node: Any) -> Any:
    """`prefixItems` loosened: schemathesis 4.32 makes of them what is no schema of OpenAPI 3.1."""
    if isinstance(node, list):
        return [without_tuples(each) for each in node]
    if not isinstance(node, dict):
        return node
    loose = {key: without_tuples(each) for key, each in node.items() if key != "prefixItems"}
    return {**loose, "items": {"anyOf": node["prefixItems"]}} if "prefixItems" in node else loose


def tried(made: World, schema: Any, route: str, mode: GenerationMode, most: int) -> None:
    """So many made-up requests to one operation, the same ones each time."""
    method, _, path = route.partition(" ")
    operation = schema[path][method]
    client = made.of(Role.ADMINISTRATOR)
    session = {
        "headers": {"X-CSRF-Token": client.headers["X-CSRF-Token"]},
        "cookies": {COOKIE: client.cookies[COOKIE]},
    }

    @settings(
        max_examples=most,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=made.served.url, checks=HELD, timeout=20, **session)

    holds()


@pytest.mark.parametrize("route", OPERATIONS)
@pytest.mark.filterwarnings("ignore")
def test_made_up_requests_get_what_is_described(made: World, schema: Any, route: str) -> None:
    tried(made, schema, route, GenerationMode.POSITIVE, EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("route", OPERATIONS)
@pytest.mark.filterwarnings("ignore")
def test_many_made_up_requests_get_what_is_described(
    made: World, schema: Any, route: str, mode: GenerationMode
) -> None:
    try:
        tried(made, schema, route, mode, MANY)
    except Unsatisfiable:
        pytest.skip("it takes nothing that could be wrong")
