"""`xunhe link …` as an operator types it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.fakes.robots import SECRET, robot
from tests.gateway.conftest import START
from tests.stores import migrated_file
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.database import Database
from xunhe.domain.outward import Message
from xunhe_tools.cli import app


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "xunhe.toml"
    path.write_text(
        f'[store]\ndatabase = "{tmp_path}/x.sqlite3"\n[outward]\nfile = "{tmp_path}/outward.toml"\n'
    )
    return path


def typed(*words: str, config: Path | None = None) -> Result:
    return CliRunner().invoke(app, [*words, *(["--config", str(config)] if config else [])])


def test_what_was_put_aside_is_listed_with_its_reason_and_sent_again(
    config: Path, tmp_path: Path
) -> None:
    database = Database(migrated_file(tmp_path / "x.sqlite3"))
    with database.write() as connection:
        deliveries.add(connection, "notify.chat", [Message("a", "notice", START, {})], START)
        deliveries.failed(connection, 1, "HTTP 400", None)
    database.close()
    said = json.loads(typed("link", "list", "--json", config=config).stdout)
    assert said["links"]["notify.chat"]["dead"] == 1
    assert said["put_aside"] == [
        {"number": 1, "link": "notify.chat", "key": "a", "error": "HTTP 400"}
    ]
    assert "HTTP 400" in typed("link", "list", config=config).stdout
    assert typed("link", "resend", "1", config=config).exit_code == 0
    again = typed("link", "resend", "1", config=config)
    assert again.exit_code == 2
    assert "#1" in again.output


def test_a_test_notice_reaches_the_channel_or_says_why_not(config: Path, tmp_path: Path) -> None:
    with robot("dingtalk") as server:
        (tmp_path / "outward.toml").write_text(
            f'[[channel]]\nkind = "dingtalk"\nname = "chat"\nurl = "{server.url}"\n'
            f'secret = "{SECRET}"\n'
        )
        assert typed("link", "try", "chat", config=config).exit_code == 0
        assert len(server.texts) == 1
        server.errors = [310000]
        refused = typed("link", "try", "chat", config=config)
    assert refused.exit_code == 2
    assert "310000" in refused.output
    unknown = typed("link", "try", "chats", config=config)
    assert unknown.exit_code == 2
    assert "chat" in unknown.output


def test_a_file_is_checked_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "outward.toml"
    path.write_text('[[recipient]]\nname = "a"\nchannel = "b"\n')
    wrong = typed("link", "check", str(path))
    assert wrong.exit_code == 2
    assert "channel b is not in this file" in wrong.output
    path.write_text("")
    assert typed("link", "check", str(path)).exit_code == 0
