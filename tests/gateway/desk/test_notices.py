"""Who is told, when, again, and who next."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.desk.tickets import AT, NEW, accepted, assigned, handled, started
from xunhe.desk.notice_text import About, Room, text_of
from xunhe.desk.notices import (
    Act,
    Book,
    Notice,
    after,
    goes_at,
    is_answered,
    next_act,
    on_call_at,
    told,
    turn_of,
)
from xunhe.desk.routing import chain_above
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Severity
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Source
from xunhe.outward_settings.notify import NotifySettings, RecipientSettings, RotaSettings

RULES = NotifySettings(remind_minutes=30, reminders=2, escalate_minutes=20)
ABOVE = ("TOWN-UPPER", "DISTRICT", "office")


def recipient(name: str = "village", **changed: Any) -> RecipientSettings:
    given = {"name": name, "channel": "robot", "offices": ("VILLAGE-1",)}
    return RecipientSettings.model_validate(given | changed)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def acts(notice: Notice) -> list[tuple[Act, str, timedelta]]:
    """Everything that happens to a notice nobody answers."""
    done = []
    while notice.next_at is not None:
        at, act = notice.next_at, next_act(notice, ABOVE, RULES)
        if act is not None:
            done.append((*act, at - AT))
        notice = after(notice, act, at, RULES)
    return done


def test_a_post_that_does_not_answer_is_reminded_then_everybody_above_is_told_once() -> None:
    minutes = [30, 60, 80, 100, 120]
    named = [
        (Act.REMIND, "VILLAGE-1"),
        (Act.REMIND, "VILLAGE-1"),
        *((Act.ESCALATE, office) for office in ABOVE),
    ]
    expected = [(*act, timedelta(minutes=m)) for act, m in zip(named, minutes, strict=True)]
    assert acts(told(NEW, "VILLAGE-1", AT, RULES)) == expected


def test_who_reads_along_is_told_and_not_reminded() -> None:
    assert told(assigned(), "VILLAGE-1", AT, RULES).next_at is None


@pytest.mark.parametrize(
    ("ticket", "office"),
    [
        (NEW, "VILLAGE-1"),
        (accepted(), None),
        (assigned(), "D-WATER"),
        (started(), None),
        (handled(), "VILLAGE-1"),
    ],
)
def test_the_turn_is_the_owners_or_the_handlers(ticket: Any, office: str | None) -> None:
    assert turn_of(ticket) == office


def test_a_step_or_another_owner_answers_a_notice_and_new_evidence_does_not() -> None:
    notice = told(NEW, "VILLAGE-1", AT, RULES)
    assert not is_answered(notice, replace(NEW, revision=2, evidence=1))
    assert is_answered(notice, accepted())
    assert is_answered(notice, replace(NEW, post="VILLAGE-2"))


def test_the_nearest_post_above_comes_first_and_the_office_last(registry: Registry) -> None:
    chain = chain_above(registry, "YX-1", "VILLAGE-1")
    levels = [registry.posts[code].level for code in chain[:-1]]
    assert chain[-1] == "office"
    assert levels == sorted(levels, reverse=True)
    assert "VILLAGE-1" not in chain
    assert len(levels) >= 2


@pytest.mark.parametrize(
    ("now", "severity", "goes"),
    [
        ("2026-11-22T21:59:59", Severity.MAJOR, "2026-11-22T21:59:59"),
        ("2026-11-22T22:00:00", Severity.MAJOR, "2026-11-23T07:00:00"),
        ("2026-11-23T06:59:59", Severity.MAJOR, "2026-11-23T07:00:00"),
        ("2026-11-23T07:00:00", Severity.MAJOR, "2026-11-23T07:00:00"),
        ("2026-11-22T23:00:00", Severity.SEVERE, "2026-11-22T23:00:00"),
        ("2026-11-22T12:00:00", Severity.MINOR, "2026-11-22T17:30:00"),
        ("2026-11-22T17:30:00", Severity.MINOR, "2026-11-22T17:30:00"),
        ("2026-11-22T17:30:01", Severity.MINOR, "2026-11-23T17:30:00"),
    ],
)
def test_the_severe_goes_at_once_the_rest_after_the_quiet_hours_the_minor_with_the_digest(
    now: str, severity: Severity, goes: str
) -> None:
    who = recipient(quiet=(time(22), time(7)), digest=time(17, 30))
    assert goes_at(who, severity, shanghai(now)) == shanghai(goes)


@pytest.mark.parametrize(
    ("days", "name"), [(-3, "a"), (0, "a"), (6.99, "a"), (7, "b"), (14, "c"), (21, "a")]
)
def test_turns_change_at_the_second_and_come_round(days: float, name: str) -> None:
    rota = RotaSettings(offices=("office",), turns=("a", "b", "c"), since=AT)
    assert on_call_at(rota, AT + timedelta(days=days)) == name


@pytest.mark.parametrize(
    ("now", "name"),
    [
        ("2027-01-31T07:59:59", "a"),
        ("2027-01-31T08:00:00", "b"),
        ("2027-02-28T23:59:59", "c"),
        ("2027-03-01T07:59:59", "c"),
        ("2027-03-01T08:00:00", "a"),
        ("2028-02-29T08:00:00", "c"),
    ],
)
def test_turns_of_a_day_go_on_over_the_end_of_a_month(now: str, name: str) -> None:
    since = datetime.fromisoformat("2027-01-30T08:00:00+08:00")
    rota = RotaSettings(offices=("office",), turns=("a", "b", "c"), since=since, days=1)
    assert on_call_at(rota, shanghai(now)) == name


@pytest.mark.parametrize(
    ("now", "goes"),
    [
        ("2027-01-31T23:00:00", "2027-02-01T07:00:00"),
        ("2027-02-28T22:00:00", "2027-03-01T07:00:00"),
        ("2028-02-28T23:59:59", "2028-02-29T07:00:00"),
        ("2027-12-31T23:59:59", "2028-01-01T07:00:00"),
    ],
)
def test_a_quiet_night_ends_in_the_next_month(now: str, goes: str) -> None:
    who = recipient(quiet=(time(22), time(7)))
    assert goes_at(who, Severity.MAJOR, shanghai(now)) == shanghai(goes)


def test_only_who_is_on_call_is_told_and_only_of_what_matters_enough() -> None:
    rota = RotaSettings(offices=("office",), turns=("a", "b"), since=AT)
    people = [
        recipient("a", offices=()),
        recipient("b", offices=()),
        recipient("always", offices=("office",), least="severe"),
    ]
    book = Book(people, [rota])

    def names(severity: Severity) -> list[str]:
        return [each.name for each in book.told("office", severity, AT)]

    assert names(Severity.MAJOR) == ["a"]
    assert names(Severity.SEVERE) == ["a", "always"]
    assert book.told("VILLAGE-1", Severity.SEVERE, AT) == []


ABOUT = About("云溪上段", "氨氮突升：由 0.39 升至 0.74 mg/L", "https://river.example/tickets/1")


def test_a_notice_says_what_where_until_when_and_where_to_look() -> None:
    assert text_of(NEW, Act.REMIND, ABOUT).split("\n") == [
        "【催办】XH-2026-0001 待核实 · 较重",
        "云溪上段 水质异常：氨氮突升：由 0.39 升至 0.74 mg/L",
        "时限 2026-03-03 10:00",
        "https://river.example/tickets/1",
    ]


@pytest.mark.parametrize("source", [Source.CITIZEN, Source.CHIEF, Source.HOTLINE])
def test_what_a_person_wrote_stays_out_of_messages(source: Source) -> None:
    ticket = replace(NEW, source=source)
    about = replace(ABOUT, reason="我是某某，电话 13800000000")
    assert "138" not in text_of(ticket, Act.TELL, about)


@given(st.text(max_size=80), st.integers(3, 60), st.sampled_from(["utf-8", "utf-16-be"]))
def test_a_text_is_cut_at_a_whole_character_and_never_too_long(
    text: str, limit: int, encoding: str
) -> None:
    short = Room(limit, encoding).cut(text)
    assert len(short.encode(encoding)) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
