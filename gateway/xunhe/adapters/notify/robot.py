"""Robots of group chats: WeCom (企业微信), DingTalk (钉钉), Feishu (飞书).

An HTTP 200 says nothing: the code in the body does. Facts: WeCom takes 2,048 bytes of text and 20
messages a minute; DingTalk signs `"{ms}\\n{secret}"` with the secret as the key and takes 20 a
minute; Feishu signs an empty message with `"{s}\\n{secret}"` as the key and takes 100 a minute.
"""

import base64
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from xunhe.adapters.notify.bundle import one_text
from xunhe.adapters.notify.notifier import destination_of
from xunhe.desk.notice_text import Room
from xunhe.domain.clock import Clock
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.notify import RobotSettings

_TIMEOUT_S = 10.0
_ROOM = Room(2048)
_WORDS = 200  # of an answer: it is kept and shown


@dataclass(frozen=True, slots=True)
class Request:
    """What is posted to the robot's address."""

    body: Mapping[str, Any]
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one kind of robot speaks.

    `code` is the answer's field that is 0 for a message that was posted. `later` are the codes that
    say nothing against the message: busy, too many, a wrong key, signature, address or keyword.
    """

    request: Callable[[str, str | None, datetime], Request]
    code: str
    words: str
    later: frozenset[int]
    a_minute: int


def _wecom(text: str, _secret: str | None, _now: datetime) -> Request:
    return Request({"msgtype": "text", "text": {"content": text}}, {})


def _dingtalk(text: str, secret: str | None, now: datetime) -> Request:
    body = {"msgtype": "text", "text": {"content": text}}
    if secret is None:
        return Request(body, {})
    stamp = str(round(now.timestamp() * 1000))
    sign = _signature(secret.encode(), f"{stamp}\n{secret}".encode())
    return Request(body, {"timestamp": stamp, "sign": sign})


def _feishu(text: str, secret: str | None, now: datetime) -> Request:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret is not None:
        stamp = str(int(now.timestamp()))
        sign = _signature(f"{stamp}\n{secret}".encode(), b"")
        body |= {"timestamp": stamp, "sign": sign}
    return Request(body, {})


def _signature(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


DIALECTS = {
    "wecom": Dialect(_wecom, "errcode", "errmsg", frozenset({-1, 45009, 93000}), 20),
    "dingtalk": Dialect(
        _dingtalk, "errcode", "errmsg", frozenset({-1, 130101, 300005, 310000, 410100}), 20
    ),
    "feishu": Dialect(_feishu, "code", "msg", frozenset({11232, 19001, 19021, 19022, 19024}), 100),
}


class Robot:
    """A robot as a destination. `clock` is the machine's: signatures hold for minutes only."""

    def __init__(self, settings: RobotSettings, clock: Clock) -> None:
        self.name = destination_of(settings.name)
        self._settings, self._clock = settings, clock
        self._dialect = DIALECTS[settings.kind]
        self.pace = Pace(20, self._dialect.a_minute, timedelta(minutes=1), is_one=True)
        self._client = httpx.Client(timeout=_TIMEOUT_S)

    def wants(self, message: Message) -> bool:
        """What the notifier files under its name is for it; it has no other source."""
        return False

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """As many as one text holds, in one post."""
        if not messages:
            return []
        text, count = one_text(messages, _ROOM)
        return [self._post(text)] * count

    def _post(self, text: str) -> Outcome:
        request = self._dialect.request(text, self._settings.secret, self._clock.now())
        try:
            url = httpx.URL(self._settings.url).copy_merge_params(request.params)
            answer = self._client.post(url, json=dict(request.body))
        except httpx.HTTPError as error:  # its words may hold the address, and so the key
            return Outcome(Sent.LATER, f"no answer: {type(error).__name__}")
        return self._judge(answer)

    def _judge(self, answer: httpx.Response) -> Outcome:
        if answer.status_code != httpx.codes.OK:
            return Outcome(Sent.LATER, f"HTTP {answer.status_code}")
        try:
            body = answer.json()
            code = int(body[self._dialect.code])
        except (ValueError, KeyError, TypeError, OverflowError):
            return Outcome(Sent.LATER, f"HTTP 200 without a readable {self._dialect.code}")
        if code == 0:
            return DONE
        detail = f"{self._dialect.code} {code}: {str(body.get(self._dialect.words, ''))[:_WORDS]}"
        return Outcome(Sent.LATER if code in self._dialect.later else Sent.FAILED, detail)
