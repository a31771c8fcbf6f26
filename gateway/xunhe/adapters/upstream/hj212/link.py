"""A platform that speaks HJ 212, as a destination. One thread does everything.

There is no login of its own: every packet carries MN and PW, and a platform that does not know them
stays silent or refuses. Live samples and the backlog go by `send`; what the platform asks meanwhile
is answered at once, and history that it asked for goes behind the uploads.
"""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import islice

from xunhe.adapters.hj212_factors import Factors
from xunhe.adapters.store.database import Database
from xunhe.adapters.upstream.hj212 import remote
from xunhe.adapters.upstream.hj212.history import History
from xunhe.adapters.upstream.hj212.line import Line
from xunhe.adapters.upstream.hj212.remote import Remote
from xunhe.adapters.upstream.hj212.requests import Requests
from xunhe.adapters.upstream.hj212.source import INTERVAL
from xunhe.adapters.upstream.hj212.window import Sending, Window
from xunhe.adapters.upstream.hj212.writing import Writer
from xunhe.codecs.hj212.commands import ANSWERS, DATA_ANSWER, REALTIME
from xunhe.codecs.hj212.dialect import DIALECTS
from xunhe.codecs.hj212.reason import Rejected
from xunhe.codecs.hj212.segment import Packet, read
from xunhe.domain.clock import Clock
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.hj212 import Hj212Settings, Hj212StationSettings

log = logging.getLogger(__name__)

_BATCH = 48
_HISTORY_AT_ONCE = 20  # packets; live data may wait for no more
_GONE = "the station is no longer on this link"


class Hj212Link:
    """`clock` is the river's; `seconds` never goes back."""

    def __init__(
        self,
        settings: Hj212Settings,
        database: Database,
        clock: Clock,
        seconds: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self.name = remote.destination_of(settings)
        self.pace = Pace(batch=_BATCH, live_for=timedelta(seconds=settings.live_s))
        self.factors = Factors(DIALECTS[settings.dialect], settings.codes)
        self.rejected = 0  # frames of the platform that were of no use
        self._settings, self._database, self._seconds = settings, database, seconds
        jitter = chance or random.Random()  # noqa: S311  no secret
        self._line = Line(settings.host, settings.port, seconds, jitter)
        self._stations = {each.station: each for each in settings.station}
        with database.read() as connection:
            self._remotes = remote.load(connection, settings)
        self._writer = Writer(settings, self.factors, clock)
        history = History(database, settings, self.factors, self._writer)
        self._requests = Requests(settings, self._remotes, self._save, history, clock)
        self._history: deque[Iterator[Packet]] = deque()
        self._last_slot: dict[str, int] = {}
        self._is_down_told = False

    def wants(self, message: Message) -> bool:
        """Samples at the real-time interval while the platform looks at them; all intervals."""
        station = self._stations.get(message.lane)
        if station is None:
            return False
        if message.kind == INTERVAL:
            return True
        if message.kind != "readings" or REALTIME not in self._settings.sends:
            return False
        now = self._remotes[station.mn]
        return now.sends_realtime and self._writer.has_values(message) and self._is_due(message)

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Uploads, then answers and history. LATER where the platform does not answer."""
        try:
            is_new = not self._line.is_up and self._open()
        except OSError as error:
            return self._down(f"cannot connect: {error}")
        if not self._line.is_up:
            return []
        window = self._window(messages)
        refused = self._refused(messages)
        trouble = self._carried(window)
        outcomes = [refused.get(i, each) for i, each in enumerate(window.outcomes(len(messages)))]
        if trouble:
            return [*outcomes, *self._down(trouble)]
        if is_new and not messages:  # it is up: somebody may look
            self._is_down_told = False
            return [DONE]
        return outcomes

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _is_due(self, message: Message) -> bool:
        """The first sample in each real-time interval."""
        interval_s = self._remotes[self._stations[message.lane].mn].rtd_interval_s
        slot = int(message.at.timestamp()) // interval_s
        is_due = self._last_slot.get(message.lane) != slot
        self._last_slot[message.lane] = slot
        return is_due

    def _open(self) -> bool:
        if not self._line.open():
            return False
        if self._settings.asks_time:
            for station in self._settings.station:
                self._write(self._packet("1013", station))
        return True

    def _packet(self, cn: str, station: Hj212StationSettings) -> Packet:
        return self._writer.packet(cn, station, self._remotes[station.mn], wants_answer=True)

    def _window(self, messages: Sequence[Message]) -> Window:
        sendings = [
            Sending(i, packet)
            for i, message in enumerate(messages)
            if (station := self._stations.get(message.lane)) is not None
            for packet in self._writer.uploads(message, station, self._remotes[station.mn])
        ]
        patience_s = max(each.over_time_s for each in self._remotes.values())
        repeats = max(each.re_count for each in self._remotes.values())
        return Window(sendings, self._settings.window, patience_s, repeats)

    def _refused(self, messages: Sequence[Message]) -> dict[int, Outcome]:
        gone = Outcome(Sent.REFUSED, _GONE)
        return {i: gone for i, each in enumerate(messages) if each.lane not in self._stations}

    def _carried(self, window: Window) -> str:
        """Bring the uploads over; what went wrong with the link, or nothing."""
        try:
            while not window.is_over(self._seconds()):
                for packet in window.to_write(self._seconds()):
                    self._write(packet)
                    if not self._settings.answers:
                        window.trust(packet)
                self._hear(window, window.waits_s(self._seconds()))
            self._hear(window, 0.0)
            self._tell_history()
        except OSError as error:
            return str(error)
        return "the platform has not answered" if window.is_lost else ""

    def _hear(self, window: Window, wait_s: float) -> None:
        for event in self._line.hear(wait_s):
            packet = event if isinstance(event, Rejected) else read(event)
            if isinstance(packet, Rejected):
                self.rejected += 1
                log.warning("to=%s rejected a frame: %s", self.name, packet.reason)
            else:
                self._line.settle()
                self._is_down_told = False
                self._take(window, packet)

    def _take(self, window: Window, packet: Packet) -> None:
        if packet.cn == DATA_ANSWER:
            window.take(packet, self._seconds())
        elif packet.cn not in ANSWERS:
            answers, history = self._requests.answer(packet)
            for answer in answers:
                self._write(answer)
            if history is not None:
                self._history.append(history)

    def _tell_history(self) -> None:
        if not self._history:
            return
        packets = list(islice(self._history[0], _HISTORY_AT_ONCE))
        for packet in packets:
            self._write(packet)
        if len(packets) < _HISTORY_AT_ONCE:
            self._history.popleft()

    def _write(self, packet: Packet) -> None:
        self._line.write(packet.wire)

    def _down(self, trouble: str) -> list[Outcome]:
        """Told once an outage: the line makes its own pauses, shorter than the outbox's."""
        self._line.close()
        self._history.clear()
        if self._is_down_told:
            return []
        self._is_down_told = True
        return [Outcome(Sent.LATER, trouble)]

    def _save(self, station: Hj212StationSettings, now: Remote) -> None:
        self._remotes[station.mn] = now
        with self._database.write() as connection:
            remote.save(connection, self._settings, station, now)
        log.info("to=%s mn=%s has changed its settings", self.name, station.mn)
