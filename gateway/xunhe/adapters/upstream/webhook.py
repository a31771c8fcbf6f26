"""Posts what happens to other programs: CloudEvents, signed, once each by its id."""

from collections.abc import Sequence
from datetime import timedelta

import httpx

from xunhe.codecs.cloudevents import MEDIA_TYPE, event, signed
from xunhe.domain.clock import Clock
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.upstream import WebhookSettings

_TIMEOUT_S = 10.0
_LATER = frozenset({401, 403, 404, 407, 408, 425, 429})  # nothing is wrong with the message
_GONE = 410  # Standard Webhooks: the receiver wants no more


class Webhook:
    """An address as a destination. `clock` is the machine's: signatures hold for minutes only."""

    def __init__(self, settings: WebhookSettings, source: str, clock: Clock) -> None:
        self.name = f"webhook.{settings.name}"
        self.pace = Pace(batch=20, most=settings.a_minute, every=timedelta(minutes=1))
        self._settings, self._source, self._clock = settings, source, clock
        self._client = httpx.Client(timeout=_TIMEOUT_S)

    def wants(self, message: Message) -> bool:
        """What the settings say that it sends."""
        return message.kind in self._settings.sends

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """One post each; ends at the first that has to wait, before a later one of its lane."""
        outcomes: list[Outcome] = []
        for message in messages:
            outcomes.append(self._post(message))
            if outcomes[-1].sent in (Sent.LATER, Sent.FAILED):
                break
        return outcomes

    def _post(self, message: Message) -> Outcome:
        change = message.body.get("change", "taken")
        subject = message.lane.replace(":", "/", 1)
        kind = f"{message.kind}.{change}"
        body = event(message.key, kind, subject, message.at, self._source, message.body)
        headers = signed(message.key, body, self._clock.now(), self._settings.secret)
        headers["content-type"] = MEDIA_TYPE
        try:
            answer = self._client.post(self._settings.url, content=body, headers=headers)
        except httpx.HTTPError as error:  # its words may hold the address
            return Outcome(Sent.LATER, f"no answer: {type(error).__name__}")
        return _judge(answer.status_code)


def _judge(status: int) -> Outcome:
    if 200 <= status < 300:
        return DONE
    detail = f"HTTP {status}"
    if status >= 500 or status in _LATER:
        return Outcome(Sent.LATER, detail)
    return Outcome(Sent.REFUSED if status == _GONE else Sent.FAILED, detail)
