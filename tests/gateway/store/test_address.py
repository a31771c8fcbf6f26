"""Where a store lies, as a person writes it down."""

from pathlib import Path

import pytest

from xunhe.adapters.store.address import AddressError, file_of, is_there, url_of
from xunhe.adapters.store.database import Database


@pytest.mark.parametrize(
    "address", ["var/x.sqlite3", Path("var/x.sqlite3"), "sqlite:///var/x.sqlite3"]
)
def test_a_path_is_an_sqlite_file(address: Path | str) -> None:
    assert file_of(url_of(address)) == Path("var/x.sqlite3")


@pytest.mark.parametrize("name", ["a b%20?c=d.sqlite3", "云溪.sqlite3", "a@b:c.sqlite3"])
def test_a_path_may_have_every_character(tmp_path: Path, name: str) -> None:
    Database.open(tmp_path / name).close()
    assert (tmp_path / name).is_file()
    assert file_of(url_of(tmp_path / name)) == tmp_path / name


def test_a_database_on_a_server_is_no_file() -> None:
    url = url_of("postgresql://xunhe@db.example/river")
    assert (url.get_backend_name(), url.host, url.database) == ("postgresql", "db.example", "river")
    with pytest.raises(AddressError, match="no file"):
        file_of(url)


@pytest.mark.parametrize(
    "address",
    [
        "mysql://xunhe:secret@host/name",
        "postgresql://xunhe:secret@host",
        "postgresql://xunhe:secret@host:port/name",
        "://",
    ],
)
def test_another_address_is_an_error_that_says_what_is_wanted_and_no_password(address: str) -> None:
    with pytest.raises(AddressError, match=r"postgresql://user@host/name") as caught:
        Database(address)
    assert "secret" not in str(caught.value)


def test_a_password_is_not_printed() -> None:
    assert "secret" not in f"{url_of('postgresql://xunhe:secret@host/name')}"


def test_a_file_is_there_once_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    assert not is_there(path)
    Database(path).close()
    assert is_there(path)
    assert is_there("postgresql://xunhe@host/name")  # nobody asks the server
