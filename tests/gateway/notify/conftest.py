"""Whom the channels speak to."""

from collections.abc import Iterator

import pytest

from tests.fakes.mail_server import Inbox, mail_server


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    with mail_server() as (inbox, port):
        yield inbox, port
