"""Server-sent events: nothing missed, nothing repeated, a clean end."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import add_event, count
from xunhe.adapters.store.database import Database
from xunhe.web import events


@dataclass
class Message:
    event: str = ""
    id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


def messages(answer: httpx.Response) -> Iterator[Message]:
    found = Message()
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            found.event = value
        elif name == "id":
            found.id = int(value)
        elif name == "data":
            found.data = json.loads(value)
        elif not line and found.event:
            yield found
            found = Message()


@contextmanager
def following(
    served: Served, query: str = "", headers: dict[str, str] | None = None
) -> Iterator[Iterator[Message]]:
    url = f"/api/v1/events{query}"
    with served.client() as client, client.stream("GET", url, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield messages(answer)


def take(stream: Iterator[Message], n: int, kinds: tuple[str, ...] = ("alert",)) -> list[Message]:
    found: list[Message] = []
    while len(found) < n:
        message = next(stream)
        if message.event in kinds:
            found.append(message)
    return found


def insert(served: Served, *numbers: int) -> list[int]:
    with served.database.write() as connection:
        return [add_event(connection, "alert", {"alert_id": n}) for n in numbers]


def test_events_come_with_their_id_and_time(served: Served) -> None:
    ids = insert(served, 1, 2)
    with following(served, "?after=0") as stream:
        found = take(stream, 2)
    assert [message.id for message in found] == ids
    assert found[0].data == {"alert_id": 1, "at": "2026-07-01T19:20:00.000Z"}


def test_without_an_id_only_new_events_come(served: Served) -> None:
    insert(served, 1)
    with following(served) as stream:
        assert next(stream).event == "heartbeat"
        insert(served, 2)
        served.live.notify()
        assert take(stream, 1)[0].data["alert_id"] == 2


@pytest.mark.parametrize("by_header", [True, False])
def test_resuming_leaves_no_gap_and_repeats_nothing(served: Served, by_header: bool) -> None:
    insert(served, *range(10))
    seen: list[int] = []
    last = 0
    for _ in range(5):
        headers = {"Last-Event-ID": str(last)} if by_header else {}
        with following(served, "" if by_header else f"?after={last}", headers) as stream:
            for message in take(stream, 3):
                assert message.id is not None
                last = message.id
                seen.append(message.data["alert_id"])
        insert(served, *range(len(seen) + 7, len(seen) + 10))
    assert seen == list(range(15))


def test_the_header_wins_over_the_query(served: Served) -> None:
    ids = insert(served, 1, 2)
    with following(served, "?after=0", {"Last-Event-ID": str(ids[0])}) as stream:
        assert take(stream, 1)[0].id == ids[1]


def test_more_events_than_a_batch_all_come_in_order(served: Served) -> None:
    insert(served, *range(450))
    with following(served, "?after=0") as stream:
        found = take(stream, 450)
    assert [message.data["alert_id"] for message in found] == list(range(450))


def test_a_notification_wakes_the_stream_at_once(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_POLL_S", 3600.0)  # without it, nothing would come for an hour
    with following(served) as stream:
        assert next(stream).event == "heartbeat"
        insert(served, 1)
        served.live.notify()
        assert take(stream, 1)[0].data["alert_id"] == 1


def test_without_a_notification_polling_finds_the_event(served: Served) -> None:
    with following(served) as stream:
        assert next(stream).event == "heartbeat"
        insert(served, 1)
        assert take(stream, 1)[0].data["alert_id"] == 1


def test_an_id_of_another_database_resets_the_reader(served: Served) -> None:
    insert(served, 1)
    with following(served, "?after=99") as stream:
        assert next(stream).event == "reset"
        insert(served, 2)
        served.live.notify()
        assert take(stream, 1)[0].data["alert_id"] == 2


def test_readings_tick_without_id_at_most_once_in_a_tick(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_TICK_S", 3600.0)
    monkeypatch.setattr(events, "_HEARTBEAT_S", 0.1)
    stop = threading.Event()

    def store_readings() -> None:
        for n in range(1, 1000):
            with served.database.write() as connection:
                count(connection, "readings", n)
            served.live.notify()
            if stop.wait(0.02):
                return

    writer = threading.Thread(target=store_readings)
    with following(served) as stream:
        writer.start()
        (tick,) = take(stream, 1, ("stations",))
        later = take(stream, 5, ("stations", "heartbeat"))
        stop.set()
    writer.join()
    assert tick.id is None
    assert [message.event for message in later] == ["heartbeat"] * 5


def test_streams_end_with_the_server(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xunhe.web.server._GRACE_S", 3600)  # nobody cuts them off meanwhile
    with ExitStack() as readers:
        with serve(store) as served:
            stream = readers.enter_context(following(served))
            assert next(stream).event == "heartbeat"
        assert [message.event for message in stream if message.event != "heartbeat"] == []


def test_a_stream_ends_with_its_session(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xunhe.web.events._HEARTBEAT_S", 0.2)
    with (
        serve(store, read_without_login=False) as served,
        served.member() as member,
        member.stream("GET", "/api/v1/events") as answer,
    ):
        stream = messages(answer)
        assert next(stream).event == "heartbeat"
        assert member.post("/logout").status_code == 303
        assert all(message.event == "heartbeat" for message in stream)
