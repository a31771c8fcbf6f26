"""CloudEvents 1.0, structured JSON, and signatures after Standard Webhooks 1.0.0."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

MEDIA_TYPE = "application/cloudevents+json"
_SECRET = "whsec_"  # noqa: S105  the prefix of secrets, none itself


def event(
    key: str, kind: str, subject: str, at: datetime, source: str, data: Mapping[str, Any]
) -> bytes:
    """An event as JSON. (source, id) is unique: a receiver tells a repetition by it."""
    body = {
        "specversion": "1.0",
        "id": key,
        "source": source,
        "type": f"xunhe.{kind}",
        "subject": subject,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def signed(key: str, body: bytes, at: datetime, secret: str) -> dict[str, str]:
    """The three headers: HMAC-SHA256 over id, whole seconds and body."""
    stamp = str(int(at.timestamp()))
    words = f"{key}.{stamp}.".encode() + body
    mac = hmac.new(base64.b64decode(secret.removeprefix(_SECRET)), words, hashlib.sha256)
    return {
        "webhook-id": key,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mac.digest()).decode()}",
    }
