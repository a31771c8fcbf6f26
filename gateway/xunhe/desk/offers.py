"""跨界联防: a ticket is offered to a neighbouring jurisdiction, which takes it over or refuses it.

What travels, as a file or the body of a request, is one entry of the sender's log, whole: its hash
is the offer's name on both sides, shows damage, and binds the offer to the sender's chain. Kinds:

    offer.made      ours, subject ticket:ID: to, from, ticket, request (the fields of GeoReport v2)
    offer.received  a neighbour's, subject offer:HASH: {entry} as it came
    offer.answered  our answer to it, subject offer:HASH: offer, accepted, from, ticket, reason
    offer.settled   the answer to ours came in, subject ticket:ID: {entry} as it came

A ticket that is offered is in 移送, its clock stopped. A refusal takes it back (收回移送).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from xunhe.desk import fields, log
from xunhe.desk.log import JSON, Entry, digest
from xunhe.desk.refused import RefusedError

MADE, RECEIVED, ANSWERED, SETTLED = (
    "offer.made",
    "offer.received",
    "offer.answered",
    "offer.settled",
)
KINDS = (MADE, RECEIVED, ANSWERED, SETTLED)
FORMAT = "xunhe-offer/1"
_MOST_TEXT = 4000
_TEXTS = {MADE: ("from", "to", "ticket"), ANSWERED: ("offer", "from", "reason", "ticket")}


class OfferError(RefusedError):
    """An offer or an answer that cannot be read, does not fit, or comes too late."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer as one side's log has it. `answer`: the entry that answers it."""

    entry: Entry
    answer: Entry | None = None

    @property
    def name(self) -> str:
        """What both sides call it."""
        return self.entry.hash

    @property
    def sender(self) -> str:
        """The office that offers."""
        return fields.text(self.entry, "from")

    @property
    def recipient(self) -> str:
        """To whom it is offered."""
        return fields.text(self.entry, "to")

    @property
    def ticket(self) -> str:
        """The sender's number of the ticket."""
        return fields.text(self.entry, "ticket")

    @property
    def request(self) -> Mapping[str, Any]:
        """The problem, in the fields of GeoReport v2."""
        found = self.entry.data.get("request")
        if not isinstance(found, Mapping):
            raise OfferError("移交内容缺少 request / the offer has no request")
        return found

    @property
    def description(self) -> str:
        """The problem in words."""
        return str(self.request["description"])

    @property
    def lon_lat(self) -> tuple[float, float] | None:
        """Where it is; None where the offer does not say."""
        lon, lat = self.request.get("long"), self.request.get("lat")
        if not isinstance(lon, int | float) or not isinstance(lat, int | float):
            return None
        is_on_earth = -180 <= lon <= 180 and -90 <= lat <= 90
        return (float(lon), float(lat)) if is_on_earth else None

    @property
    def is_accepted(self) -> bool | None:
        """The answer; None while there is none."""
        return None if self.answer is None else fields.flag(self.answer, "accepted")

    @property
    def told(self) -> str:
        """The answer's reason."""
        return "" if self.answer is None else fields.text(self.answer, "reason")

    @property
    def taken_as(self) -> str:
        """The number of the ticket that it became; empty where it became none."""
        return "" if self.answer is None else fields.text(self.answer, "ticket", "")


def written(entry: Entry) -> dict[str, JSON]:
    """What travels: an offer or an answer."""
    return {"format": FORMAT, "entry": log.written(entry)}


def read(content: Any) -> Entry:
    """An offer or an answer that came in. OfferError says what is wrong with it."""
    if not isinstance(content, Mapping) or content.get("format") != FORMAT:
        raise OfferError(f"不是移交文件（{FORMAT}） / this is no offer ({FORMAT})")
    entry = _entry(content.get("entry"))
    if entry.kind not in (MADE, ANSWERED):
        raise OfferError(f"不是移交或答复：{entry.kind} / neither an offer nor an answer")
    if not _is_whole(entry):
        raise OfferError(
            "内容与哈希不符，文件已损坏或被改动 / damaged or changed: its hash differs"
        )
    _check_fields(entry)
    return entry


def made(entries: Iterable[Entry]) -> dict[str, Offer]:
    """Our offers by name, with the answers that came in."""
    found: dict[str, Offer] = {}
    for entry in entries:
        if entry.kind == MADE:
            found[entry.hash] = Offer(entry)
        elif entry.kind == SETTLED:
            answer = _entry(entry.data.get("entry"))
            name = fields.text(answer, "offer")
            found[name] = replace(found[name], answer=answer)
    return found


def received(entries: Iterable[Entry]) -> dict[str, Offer]:
    """The neighbours' offers by name, with our answers."""
    found: dict[str, Offer] = {}
    for entry in entries:
        if entry.kind == RECEIVED:
            offer = Offer(_entry(entry.data.get("entry")))
            found[offer.name] = offer
        elif entry.kind == ANSWERED:
            name = fields.text(entry, "offer")
            found[name] = replace(found[name], answer=entry)
    return found


def _entry(content: Any) -> Entry:
    try:
        at = datetime.fromisoformat(content["at"])
        data = dict(content["data"])
        texts = {key: str(content[key]) for key in ("actor", "kind", "subject", "prev", "hash")}
        if at.tzinfo is None:
            raise ValueError("an instant without its offset")
        return Entry(seq=int(content["seq"]), at=at, data=data, **texts)
    except (KeyError, TypeError, ValueError) as error:
        raise OfferError(f"移交内容不全：{error} / the entry is not whole: {error}") from error


def _is_whole(entry: Entry) -> bool:
    try:
        return digest(entry) == entry.hash
    except ValueError:  # NaN, or half of a surrogate pair: no log holds those
        return False


def _check_fields(entry: Entry) -> None:
    """OfferError where a text that the desk will read is missing or too long."""
    texts = {key: entry.data.get(key) for key in _TEXTS[entry.kind]}
    if entry.kind == MADE:
        texts["description"] = Offer(entry).request.get("description")
    for key, value in texts.items():
        if not isinstance(value, str) or len(value) > _MOST_TEXT:
            raise OfferError(f"移交内容缺少 {key} / the entry lacks {key}")
