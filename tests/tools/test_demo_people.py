from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.stores import migrated_file
from xunhe.adapters import registry_file
from xunhe.adapters.store import accounts, members
from xunhe.adapters.store.database import Database
from xunhe_tools.demo.people import ACCOUNTS, seat_all
from xunhe_tools.demo.plan import REGISTRY

AT = datetime(2026, 10, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def seated(tmp_path_factory: pytest.TempPathFactory) -> Database:
    database = Database(migrated_file(tmp_path_factory.mktemp("demo") / "demo.sqlite3"))
    with database.write() as connection:
        seat_all(connection, "7KQM-2XWF-9DHP", AT, AT)
    return database


@pytest.mark.parametrize("name", [account.name for account in ACCOUNTS])
def test_everybody_named_on_the_demos_screen_logs_in_with_its_password(
    seated: Database, name: str
) -> None:
    assert accounts.check_password(seated, name, "7KQM-2XWF-9DHP")
    assert not accounts.check_password(seated, name, "another")


def test_the_village_chief_of_the_demo_holds_the_reach_of_its_discharge(seated: Database) -> None:
    registry = registry_file.load(Path(REGISTRY))
    with seated.read() as connection:
        member = members.find(connection, "village")
    assert member is not None
    held = {tenure.post for tenure in registry.tenures if tenure.person == member.person}
    assert [registry.posts[post].reaches for post in held] == [("YX-1",)]
