"""Which of the waiting messages go together in one text."""

from collections.abc import Sequence
from itertools import takewhile

from xunhe.desk.notice_text import Room, digest
from xunhe.domain.outward import Message


def one_text(messages: Sequence[Message], room: Room) -> tuple[str, int]:
    """The first messages to one recipient as one text that fits, and how many they are.

    At least one goes, shortened where it is too long by itself.
    """
    to = messages[0].body["to"]
    texts = [
        message.body["text"] for message in takewhile(lambda each: each.body["to"] == to, messages)
    ]
    while len(texts) > 1 and not room.holds(digest(texts)):
        texts.pop()
    return room.cut(digest(texts)), len(texts)
