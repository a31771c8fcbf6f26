"""Whole logs as poses."""

from collections.abc import Iterable, Iterator

from xunhe.codecs.mavlink import dataflash, dataflash_facts, messages
from xunhe.codecs.mavlink.assembly import PoseAssembly
from xunhe.codecs.mavlink.facts import Fact
from xunhe.codecs.mavlink.frames import Frames
from xunhe.domain.pose import Pose
from xunhe.domain.telemetry import Refusal, Telemetry, TelemetryError


def decode_tlog(data: bytes) -> Telemetry:
    """The poses of a .tlog, those of the drone heard first. TelemetryError where there are none."""
    return _telemetry("mavlink/tlog", _facts_of_tlog(data))


def decode_bin(data: bytes) -> Telemetry:
    """The poses of an ArduPilot flash log. TelemetryError where there are none."""
    return _telemetry("mavlink/bin", _facts_of_bin(data))


def _facts_of_tlog(data: bytes) -> Iterator[Fact | Refusal]:
    system: int | None = None
    for message in Frames().of_log(data):
        if isinstance(message, Refusal):
            yield message
            continue
        fact = messages.fact(message)
        if fact is not None:
            system = message.get_srcSystem() if system is None else system
            if message.get_srcSystem() == system:
                yield fact


def _facts_of_bin(data: bytes) -> Iterator[Fact | Refusal]:
    for row in dataflash.rows(data):
        if isinstance(row, Refusal):
            yield row
        elif (fact := dataflash_facts.fact(*row)) is not None:
            yield fact


def _telemetry(dialect: str, facts: Iterable[Fact | Refusal]) -> Telemetry:
    assembly = PoseAssembly()
    poses: list[Pose] = []
    refusals: list[Refusal] = []
    for fact in facts:
        if isinstance(fact, Refusal):
            refusals.append(fact)
            continue
        try:
            pose = assembly.take(fact)
        except ValueError as error:
            refusals.append(Refusal("数值不可能", str(error)))
        else:
            poses += [] if pose is None else [pose]
    if not poses:
        raise TelemetryError([*refusals, Refusal("没有位置消息", "no message gives a position")])
    poses.sort(key=lambda pose: pose.time_s)  # a link may bring one late
    return Telemetry(dialect, tuple(poses), tuple(refusals))
