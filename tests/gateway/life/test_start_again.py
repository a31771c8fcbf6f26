"""A running gateway takes up what was changed in its registry."""

import shutil
from pathlib import Path

import httpx

from tests.gateway.conftest import DEMO_REGISTRY
from tests.gateway.web.console_server import NAME, PASSWORD
from tests.gateway.web.test_office_pages import send
from tests.gateway.web.test_registry_editor import fields
from tests.tools.buoy.gateway import running_gateway, wait_until

ROW = "/registry/reach/row?key=YX-1"
_AGAIN_S = 100.0  # of a busy machine


def test_a_change_of_the_registry_starts_the_parts_again_and_nobody_is_turned_away(
    tmp_path: Path,
) -> None:
    shutil.copytree(DEMO_REGISTRY, tmp_path / "registry")
    with (
        running_gateway(tmp_path / "gateway", tmp_path / "registry") as gateway,
        httpx.Client(base_url=gateway.url, timeout=_AGAIN_S, trust_env=False) as client,
    ):
        client.post("/login", data={"name": NAME, "password": PASSWORD})
        client.headers["X-CSRF-Token"] = client.get("/api/v1/session").json()["csrf"]
        form = fields(client.get(ROW).raise_for_status().text)
        sent = send(client, ROW, **form | {"name": "换了名的河段"})
        assert sent.status_code == 303, sent.text
        log = gateway.folder / "gateway.log"
        wait_until(lambda: "starting again" in log.read_text(), _AGAIN_S, "it starts again")
        reaches = gateway.get("/reaches")
        assert "换了名的河段" in str(reaches)
        assert "Traceback" not in log.read_text()
