"""What a platform asks of a station, checked and answered (HJ 212-2017 §6.6.5, Annex C).

    request   9011 with QnRtn, then data, then 9012 with ExeRtn
    notice    9013
What is wrong gets its QnRtn and is not executed. The same MN and QN again are a repeat after a
time-out: the answers go again, nothing is executed twice. Without a QN nothing can be answered.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from xunhe.adapters.upstream.hj212.history import LONGEST, History
from xunhe.adapters.upstream.hj212.remote import Remote
from xunhe.codecs.hj212 import commands as cns
from xunhe.codecs.hj212 import times
from xunhe.codecs.hj212.area import plain
from xunhe.codecs.hj212.commands import ExeRtn, QnRtn
from xunhe.codecs.hj212.segment import Packet
from xunhe.domain.clock import Clock
from xunhe.outward_settings.hj212 import Hj212Settings, Hj212StationSettings

log = logging.getLogger(__name__)

_REMEMBERED = 64  # requests whose answers are kept for repeats
_SAME_TIME = timedelta(seconds=5)

Save = Callable[[Hj212StationSettings, Remote], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a request: `data` are areas of replies that keep its QN."""

    result: ExeRtn
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is in order."""

    packet: Packet
    fields: Mapping[str, str]
    station: Hj212StationSettings
    remote: Remote


_SUCCESS, _CONDITION, _NO_DATA = (
    Done(ExeRtn.SUCCESS),
    Done(ExeRtn.CONDITION),
    Done(ExeRtn.NO_DATA),
)


class Requests:
    """Answers for all stations of a link; `remotes` by MN, `save` keeps a change."""

    def __init__(
        self,
        settings: Hj212Settings,
        remotes: Mapping[str, Remote],
        save: Save,
        history: History,
        clock: Clock,
    ) -> None:
        self._settings, self._remotes, self._save = settings, remotes, save
        self._history, self._clock = history, clock
        self._dialect = history.writer.dialect
        self._stations = {each.mn: each for each in settings.station}
        self._answers: OrderedDict[tuple[str, str], list[Packet]] = OrderedDict()
        self._executed: dict[str, Callable[[Asked], Done]] = {
            "1000": self._set_patience,
            "1011": self._tell_time,
            "1012": self._set_time,
            "1061": lambda asked: _told(f"RtdInterval={asked.remote.rtd_interval_s}"),
            "1062": self._set_rtd_interval,
            "1063": lambda asked: _told(f"MinInterval={asked.remote.min_interval}"),
            "1064": self._set_min_interval,
            "1072": self._set_password,
            cns.REALTIME: self._start_realtime,
            cns.STATE: lambda _: _NO_DATA,  # plants that are switched on and off: a river has none
            cns.RUNNING_TIME: lambda _: _NO_DATA,
        }

    def answer(self, packet: Packet) -> tuple[list[Packet], Iterator[Packet] | None]:
        """What goes back at once, and history that follows as the line allows."""
        if packet.flag is None and "Flag" not in packet.head:
            log.warning("to=hj212.%s cn=%s without Flag: ignored", self._settings.name, packet.cn)
            return [], None
        key = (packet.mn, packet.qn)
        if key in self._answers:
            return self._answers[key], None
        answers, history = self._answered(packet)
        if history is None:  # it is told again as often as somebody asks
            self._answers[key] = answers
        while len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return answers, history

    def _answered(self, packet: Packet) -> tuple[list[Packet], Iterator[Packet] | None]:
        problem = self._problem(packet)
        if problem is not None:
            log.warning(
                "to=hj212.%s cn=%s refused: QnRtn=%d", self._settings.name, packet.cn, problem
            )
            return self._handshake(packet, problem), None
        remote = self._remotes[packet.mn]
        asked = Asked(packet, plain(packet.cp), self._stations[packet.mn], remote)
        if packet.cn in (cns.STOP_REALTIME, cns.STOP_STATE):
            if packet.cn == cns.STOP_REALTIME:
                self._change(asked, sends_realtime=False)
            return self._only_if_wanted(packet, cns.NOTICE_ANSWER), None
        ready = self._handshake(packet, QnRtn.READY)
        if packet.cn in (cns.MINUTE, cns.HOUR, cns.DAY):
            return self._tell_history(asked, ready)
        done = self._executed[packet.cn](asked)
        data = [self._data(packet, cp) for cp in done.data]
        return [*ready, *data, *self._result(packet, done.result)], None

    def _problem(self, packet: Packet) -> QnRtn | None:
        """The first thing wrong with a request."""
        station, flag = self._stations.get(packet.mn), packet.flag
        if station is None:
            return QnRtn.MN
        is_wrong = {
            QnRtn.PW: packet.pw != self._remotes[packet.mn].pw,
            QnRtn.ST: packet.st != station.st,
            QnRtn.FLAG: flag is None
            or flag.version != self._dialect.version
            or (flag.is_split and packet.part is None),
            QnRtn.QN: len(packet.qn) != 17 or times.parse(packet.qn, self._settings.zone) is None,
        }
        first = next((answer for answer, wrong in is_wrong.items() if wrong), None)
        return first or self._problem_of_command(packet.cn)

    def _problem_of_command(self, cn: str) -> QnRtn | None:
        known = (cns.STOP_REALTIME, cns.STOP_STATE, cns.MINUTE, cns.HOUR, cns.DAY)
        if cn in self._executed or cn in known:
            return None
        return QnRtn.REFUSED if cn in cns.COMMANDS else QnRtn.CN

    def _tell_history(
        self, asked: Asked, ready: list[Packet]
    ) -> tuple[list[Packet], Iterator[Packet] | None]:
        since, until = (self._time(asked, name) for name in ("BeginTime", "EndTime"))
        if since is None or until is None or not timedelta(0) <= until - since <= LONGEST:
            return [*ready, *self._result(asked.packet, ExeRtn.CONDITION)], None
        until = min(until, self._clock.now())
        told = self._history.told(asked.packet, asked.station, asked.remote, (since, until))
        return ready, told

    def _time(self, asked: Asked, name: str) -> datetime | None:
        return times.parse(asked.fields.get(name, ""), self._settings.zone)

    def _set_patience(self, asked: Asked) -> Done:
        over_time, repeats = (_whole(asked, name) for name in ("OverTime", "ReCount"))
        if not (0 < over_time <= 99 and 0 < repeats <= 99):
            return _CONDITION
        return self._change(asked, over_time_s=float(over_time), re_count=repeats)

    def _tell_time(self, asked: Asked) -> Done:
        """Of the gateway; instruments (PolId) have no clock that it could read."""
        if "PolId" in asked.fields:
            return _NO_DATA
        return _told(f"SystemTime={times.written(self._clock.now(), self._settings.zone)}")

    def _set_time(self, asked: Asked) -> Done:
        """The gateway has its own source of time: a platform may confirm it, not set it."""
        said = self._time(asked, "SystemTime")
        if said is None or "PolId" in asked.fields:
            return _CONDITION
        ahead = said - self._clock.now().astimezone(UTC)
        if abs(ahead) <= _SAME_TIME:
            return _SUCCESS
        log.warning(
            "to=hj212.%s the platform's time is %+.0f s from ours",
            self._settings.name,
            ahead.total_seconds(),
        )
        return Done(ExeRtn.FAILED)

    def _set_rtd_interval(self, asked: Asked) -> Done:
        interval_s, (least_s, most_s) = _whole(asked, "RtdInterval"), cns.RTD_INTERVALS_S
        if not least_s <= interval_s <= most_s:
            return _CONDITION
        return self._change(asked, rtd_interval_s=interval_s)

    def _set_min_interval(self, asked: Asked) -> Done:
        minutes = _whole(asked, "MinInterval")
        if minutes not in cns.MIN_INTERVALS:
            return _CONDITION
        return self._change(asked, min_interval=minutes)

    def _set_password(self, asked: Asked) -> Done:
        new = asked.fields.get("NewPW", "")
        if not (len(new) == 6 and new.isascii() and new.isalnum()):
            return _CONDITION
        return self._change(asked, pw=new)

    def _start_realtime(self, asked: Asked) -> Done:
        if cns.REALTIME not in self._settings.sends:
            return _NO_DATA
        return self._change(asked, sends_realtime=True)

    def _change(self, asked: Asked, **values: Any) -> Done:
        self._save(asked.station, replace(asked.remote, **values))
        return _SUCCESS

    def _handshake(self, packet: Packet, answer: QnRtn) -> list[Packet]:
        return self._only_if_wanted(packet, cns.REQUEST_ANSWER, f"QnRtn={answer:d}")

    def _result(self, packet: Packet, result: ExeRtn) -> list[Packet]:
        return self._only_if_wanted(packet, cns.RESULT, f"ExeRtn={result:d}")

    def _only_if_wanted(self, packet: Packet, cn: str, cp: str = "") -> list[Packet]:
        """Where its Flag is unreadable nobody knows, and the platform should hear of it."""
        flag = packet.flag
        if not packet.qn or (flag is not None and not flag.wants_answer):
            return []
        return [packet.answered(cn, self._dialect.answer, cp)]

    def _data(self, packet: Packet, cp: str) -> Packet:
        """Replies with parameters keep the QN of their request (C.2, C.5, C.7)."""
        return packet.carrying(
            cp, Flag=str(replace(self._dialect.answer, wants_answer=False).number)
        )


def _told(cp: str) -> Done:
    return Done(ExeRtn.SUCCESS, (cp,))


def _whole(asked: Asked, name: str) -> int:
    """A whole number; -1 where there is none, which no range allows."""
    text = asked.fields.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else -1
