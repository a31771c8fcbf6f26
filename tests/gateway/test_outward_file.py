"""`outward.toml`: what is wrong is named with its place, what is secret is not shown."""

from pathlib import Path

import pytest

from xunhe.outward_settings.file import OutwardFile, load_outward
from xunhe.settings import SettingsError

GOOD = """
[notify]
remind_minutes = 15

[[channel]]
kind = "wecom"
name = "office-chat"
url = "https://qyapi.example/cgi-bin/webhook/send?key=very-secret"

[[channel]]
kind = "sms"
name = "modem"
port = "/dev/ttyUSB2"

[[recipient]]
name = "duty-a"
channel = "modem"
to = "+8613800000000"
least = "severe"

[[recipient]]
name = "chat"
channel = "office-chat"
offices = ["office", "VILLAGE-1"]
quiet = ["22:00", "07:00"]
digest = "17:30"

[[rota]]
offices = ["office"]
turns = ["duty-a"]
since = 2026-11-23T08:00:00+08:00
"""


def load(folder: Path, text: str) -> OutwardFile:
    path = folder / "outward.toml"
    path.write_text(text, "utf-8")
    return load_outward(path)


def test_a_whole_file_is_read_and_shows_no_secret(tmp_path: Path) -> None:
    file = load(tmp_path, GOOD)
    assert [channel.name for channel in file.channel] == ["office-chat", "modem"]
    assert "very-secret" not in repr(file)
    assert "13800000000" not in repr(file)


def test_no_file_means_that_nothing_leaves() -> None:
    assert load_outward(None) == OutwardFile()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('channel = "modem"', 'channel = "moden"', "did you mean modem"),
        ('turns = ["duty-a"]', 'turns = ["duty-b"]', "did you mean duty-a"),
        ('name = "chat"', 'name = "duty-a"', "two entries of recipient are called duty-a"),
        ('name = "modem"', 'name = "office-chat"', "two entries of channel are called"),
        ("+08:00", "", "since needs an offset"),
        ('kind = "sms"', 'kind = "smss"', "smss"),
        ('least = "severe"', 'lest = "severe"', "did you mean least"),
    ],
)
def test_a_mistake_is_named_with_the_next_step(
    tmp_path: Path, before: str, after: str, words: str
) -> None:
    with pytest.raises(SettingsError, match=words):
        load(tmp_path, GOOD.replace(before, after))
