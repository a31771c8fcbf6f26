"""Each channel against a peer that checks what the real one checks."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smspdudecoder.fields import SMSSubmit

from tests.fakes.mail_server import Inbox
from tests.fakes.mosquitto import nobody
from tests.fakes.robots import SECRET, RobotServer, robot
from tests.fakes.sms_modem import SmsModem, sms_modem
from xunhe.adapters.notify.by_apprise import ByApprise
from xunhe.adapters.notify.mail import Mail
from xunhe.adapters.notify.robot import Robot
from xunhe.adapters.notify.sms import Sms
from xunhe.codecs.sms_pdu import submit
from xunhe.domain.clock import SystemClock
from xunhe.domain.outward import Destination, Message, Sent
from xunhe.outward_settings.notify import (
    AppriseSettings,
    MailChannelSettings,
    RobotSettings,
    SmsSettings,
)
from xunhe.settings import MailSettings, SettingsError

NUMBER = "+8613800000000"
AT = datetime.fromisoformat("2026-11-22T08:00:00+08:00")


def messages(*texts: str, to: str = "") -> list[Message]:
    return [
        Message(f"k{n}", "notice", AT, {"text": text, "to": to}) for n, text in enumerate(texts)
    ]


def came_of(channel: Destination, sent: Sequence[Message]) -> list[Sent]:
    return [outcome.sent for outcome in channel.send(sent)]


@pytest.fixture(params=["wecom", "dingtalk", "feishu"])
def server(request: pytest.FixtureRequest) -> Iterator[RobotServer]:
    with robot(request.param) as server:
        yield server


def channel(server: RobotServer, **changed: Any) -> Robot:
    given = {"kind": server.kind, "name": "office", "url": server.url, "secret": SECRET}
    return Robot(RobotSettings.model_validate(given | changed), SystemClock())


def test_a_robot_takes_a_signed_text(server: RobotServer) -> None:
    assert came_of(channel(server), messages("工单 XH-2026-0004")) == [Sent.DONE]
    assert server.texts == ["工单 XH-2026-0004"]


def test_several_notices_become_one_digest(server: RobotServer) -> None:
    assert came_of(channel(server), messages("一", "二\n时限", "三")) == [Sent.DONE] * 3
    assert server.texts == ["【汇总】3 件\n一\n二 ｜ 时限\n三"]


def test_what_does_not_fit_one_text_stays_for_the_next(server: RobotServer) -> None:
    long = [f"{n}" + "河" * 250 for n in range(5)]
    robot = channel(server)
    waiting = messages(*long)
    while waiting:
        waiting = waiting[len(robot.send(waiting)) :]
    assert all(sum(text.count(one) for text in server.texts) == 1 for one in long)
    assert max(len(text.encode()) for text in server.texts) <= 2048


def test_an_error_code_under_http_200_is_a_failure(server: RobotServer) -> None:
    server.errors = [40058]
    (outcome,) = channel(server).send(messages("a"))
    assert outcome.sent is Sent.FAILED
    assert "40058" in outcome.detail


NOT_THE_MESSAGES = {
    "wecom": [45009, -1],
    "dingtalk": [130101, 410100, -1],
    "feishu": [11232, 19022, 19024],
}


def test_too_many_or_a_busy_server_are_the_links_trouble(server: RobotServer) -> None:
    server.errors = list(NOT_THE_MESSAGES[server.kind])
    while server.errors:
        assert came_of(channel(server), messages("a")) == [Sent.LATER]


@pytest.mark.parametrize(
    "said", [b"", b"<html>", b"[]", b"{}", b'{"errcode": null}', b'{"errcode": 1e999}']
)
def test_an_http_200_without_a_code_proves_nothing(said: bytes) -> None:
    with robot("wecom") as server:
        server.says = said
        (outcome,) = channel(server).send(messages("a"))
    assert outcome.sent is Sent.LATER


def test_a_long_answer_is_kept_short() -> None:
    with robot("wecom") as server:
        server.says = json.dumps({"errcode": 40058, "errmsg": "x" * 10_000}).encode()
        (outcome,) = channel(server).send(messages("a"))
    assert outcome.sent is Sent.FAILED
    assert len(outcome.detail) < 300


def test_a_wrong_key_or_secret_waits_for_a_person_and_loses_nothing(server: RobotServer) -> None:
    wrong = {"url": server.url + "x"} if server.kind == "wecom" else {"secret": "wrong"}
    assert came_of(channel(server, **wrong), messages("a")) == [Sent.LATER]
    assert server.texts == []


def test_a_server_in_trouble_is_the_links_trouble(server: RobotServer) -> None:
    server.status = 502
    assert came_of(channel(server), messages("a")) == [Sent.LATER]


def test_nobody_there_is_told_without_the_robots_key() -> None:
    with nobody() as port:
        url = f"http://127.0.0.1:{port}/send?key=very-secret"
        settings = RobotSettings(kind="wecom", name="office", url=url)
        (outcome,) = Robot(settings, SystemClock()).send(messages("a"))
    assert outcome.sent is Sent.LATER
    assert "very-secret" not in outcome.detail + repr(settings)


def mail(port: int) -> Mail:
    server = MailSettings(host="127.0.0.1", port=port, sender="xunhe@example.org", to=())
    return Mail(MailChannelSettings(kind="mail", name="mail", server=server))


def test_a_mail_brings_all_that_waits_for_one_recipient(inbox: tuple[Inbox, int]) -> None:
    taken, port = inbox
    waiting = messages("一", "二", to="a@example.org") + messages("三", to="b@example.org")
    assert came_of(mail(port), waiting) == [Sent.DONE] * 2
    (got,) = taken.mails
    assert got["to"] == "a@example.org"
    assert got.get_content().split() == ["【汇总】2", "件", "一", "二"]


def test_a_refused_recipient_is_the_messages_trouble(inbox: tuple[Inbox, int]) -> None:
    (outcome,) = mail(inbox[1]).send(messages("a", to="x@refused.example"))
    assert outcome.sent is Sent.FAILED
    assert "550" in outcome.detail
    assert "x@refused" not in outcome.detail


def test_no_mail_server_is_the_links_trouble_and_no_recipient_the_messages() -> None:
    with nobody() as port:
        silent = mail(port)
        assert came_of(silent, messages("a", to="a@example.org")) == [Sent.LATER]
        assert came_of(silent, messages("a")) == [Sent.REFUSED]


@pytest.fixture
def modem() -> Iterator[SmsModem]:
    with sms_modem() as modem:
        yield modem


def short(modem: SmsModem) -> Sms:
    return Sms(SmsSettings(kind="sms", name="sms", port=modem.path), answer_s=60.0)


def test_a_long_chinese_text_goes_as_parts_that_fit_together(modem: SmsModem) -> None:
    text = "云溪上段氨氮突升，" * 12
    assert came_of(short(modem), messages(text, to=NUMBER)) == [Sent.DONE]
    elements = [part["user_data"]["header"]["elements"][0]["data"] for part in modem.taken]
    assert [each["part_number"] for each in elements] == [1, 2]
    assert len({each["reference"] for each in elements}) == 1
    assert "".join(part["user_data"]["data"] for part in modem.taken) == text
    assert {part["recipient"]["number"] for part in modem.taken} == {NUMBER[1:]}


@pytest.mark.parametrize(
    ("error", "came"),
    [("+CMS ERROR: 331", Sent.LATER), ("+CMS ERROR: 21", Sent.FAILED), ("ERROR", Sent.LATER)],
)
def test_the_networks_trouble_waits_and_the_messages_trouble_counts(
    modem: SmsModem, error: str, came: Sent
) -> None:
    modem.errors = [error]
    assert came_of(short(modem), messages("a", to=NUMBER)) == [came]


@pytest.mark.parametrize(
    "text", ["河" * 2000, "x" * 2000, "😀" * 2000, "工单 https://r.example/1 " * 99]
)
def test_a_text_takes_five_parts_at_most_whatever_its_letters(modem: SmsModem, text: str) -> None:
    assert came_of(short(modem), messages(text, to=NUMBER)) == [Sent.DONE]
    assert len(modem.taken) == 5


def test_a_silent_or_missing_modem_loses_nothing(modem: SmsModem) -> None:
    modem.is_silent = True
    for port in (modem.path, "/dev/no-such-modem"):
        quiet = Sms(SmsSettings(kind="sms", name="sms", port=port), answer_s=0.1)
        assert came_of(quiet, messages("a", to=NUMBER)) == [Sent.LATER]


def test_a_number_that_is_none_is_refused_without_being_repeated(modem: SmsModem) -> None:
    (outcome,) = short(modem).send(messages("a", to="call me"))
    assert outcome.sent is Sent.REFUSED
    assert "call me" not in outcome.detail


@given(st.text(min_size=1, max_size=400), st.integers(0, 255))
def test_any_text_comes_out_of_its_parts_unchanged(text: str, reference: int) -> None:
    parts = [SMSSubmit.decode(StringIO(part.hex)) for part in submit(NUMBER, text, reference)]
    assert "".join(part["user_data"]["data"] for part in parts) == text


@pytest.mark.parametrize(("characters", "count"), [(70, 1), (71, 2), (134, 2), (135, 3)])
def test_a_text_takes_as_few_parts_as_the_standard_allows(characters: int, count: int) -> None:
    assert len(submit(NUMBER, "河" * characters, 1)) == count


def test_apprise_that_is_not_there_is_told_with_the_next_step() -> None:
    with pytest.raises(SettingsError, match=r"pip install .*apprise"):
        ByApprise(AppriseSettings(kind="apprise", name="x", url="json://127.0.0.1"))
