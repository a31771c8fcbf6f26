"""The page of the links: how each is, what was put aside and why, and sending it again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.conftest import START, StandingClock
from tests.gateway.outbox.receiver import Given, Receiver, courier
from tests.gateway.web.console_server import Served, serve
from tests.stores import migrated_file
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.database import Database
from xunhe.domain.outward import Sent


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    receiver, source = Receiver(name="webhook.city", answers={"bad": Sent.REFUSED}), Given()
    carrier = courier(database, receiver, source, StandingClock(START))
    source.put("good")
    source.put("bad")
    carrier.step()
    with serve(database, links=[carrier]) as found:
        yield found
    database.close()


def test_what_was_put_aside_is_shown_with_its_reason_and_sent_again(served: Served) -> None:
    with served.member() as office:
        (link,) = office.get("/api/v1/links").json()
        assert (link["name"], link["sent"], link["put_aside"]) == ("webhook.city", 1, 1)
        assert link["is_up"] is True
        page = office.get("/links").text
        assert all(words in page for words in ("told so", "webhook.city", "不必处理"))
        with served.database.read() as connection:
            (dead,) = deliveries.dead(connection, 10)
        again = f"/links/deliveries/{dead.id}"
        headers = {"X-CSRF-Token": office.get("/api/v1/session").json()["csrf"]}
        assert office.post(again, headers=headers).status_code == 303
        assert office.post(again, headers=headers).status_code == 404
        assert office.get("/api/v1/links").json()[0]["waiting"] == 1
