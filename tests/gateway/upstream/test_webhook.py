"""Webhooks, read by the independent libraries of their two standards."""

import json

import pytest
from cloudevents.v1.http import from_http
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from tests.fakes.mosquitto import nobody
from tests.gateway.conftest import START
from tests.gateway.upstream.web_receiver import Receiver
from xunhe.adapters.upstream.webhook import Webhook
from xunhe.domain.clock import SystemClock
from xunhe.domain.outward import Message, Sent
from xunhe.outward_settings.upstream import WebhookSettings

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hook(url: str) -> Webhook:
    return Webhook(WebhookSettings(name="city", url=url, secret=SECRET), "/xunhe", SystemClock())


def message(number: int = 1) -> Message:
    body = {"incident": 4, "change": "opened", "words": {"zh": "水质异常"}}
    return Message(f"bulletin:{number}", "incident", START, body, "incident:4")


def test_a_post_is_a_cloud_event_whose_signature_holds(receiver: Receiver) -> None:
    (outcome,) = hook(receiver.url).send([message()])
    assert outcome.sent is Sent.DONE
    ((headers, body),) = receiver.posted
    Verifier(SECRET).verify(body, headers)
    event = from_http(headers, body)
    assert (event["id"], event["type"]) == ("bulletin:1", "xunhe.incident.opened")
    assert (event["source"], event["subject"]) == ("/xunhe", "incident/4")
    assert event.data["words"]["zh"] == "水质异常"


def test_a_changed_body_fails_its_signature(receiver: Receiver) -> None:
    hook(receiver.url).send([message()])
    ((headers, body),) = receiver.posted
    changed = json.loads(body) | {"subject": "incident/5"}
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(json.dumps(changed), headers)


@pytest.mark.parametrize(
    ("status", "came"),
    [
        (200, Sent.DONE),
        (401, Sent.LATER),
        (404, Sent.LATER),
        (410, Sent.REFUSED),
        (422, Sent.FAILED),
        (429, Sent.LATER),
        (503, Sent.LATER),
    ],
)
def test_only_what_is_wrong_with_the_message_counts_against_it(
    receiver: Receiver, status: int, came: Sent
) -> None:
    receiver.status = status
    (outcome,) = hook(receiver.url).send([message()])
    assert outcome.sent is came


def test_after_the_first_that_has_to_wait_nothing_is_posted(receiver: Receiver) -> None:
    receiver.status = 503
    assert len(hook(receiver.url).send([message(1), message(2)])) == 1
    assert len(receiver.posted) == 1


def test_a_message_that_fails_is_not_overtaken_by_a_later_one_of_its_lane(
    receiver: Receiver,
) -> None:
    receiver.status = 422
    assert [each.sent for each in hook(receiver.url).send([message(1), message(2)])] == [
        Sent.FAILED
    ]
    receiver.status = 410
    assert len(hook(receiver.url).send([message(1), message(2)])) == 2


def test_nobody_there_is_told_without_the_address() -> None:
    with nobody() as port:
        (outcome,) = hook(f"http://127.0.0.1:{port}/secret-path").send([message()])
    assert outcome.sent is Sent.LATER
    assert "secret-path" not in outcome.detail
