"""Decoding: how many frames one core takes, and how long a live one waits beside a backlog."""

import multiprocessing
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection

from xunhe.adapters.inward.hj212.listener import Listener
from xunhe.codecs.hj212 import area, times
from xunhe.codecs.hj212.commands import DATA_ANSWER
from xunhe.codecs.hj212.deframing import Deframer, Event, Frame
from xunhe.codecs.hj212.dialect import V2017
from xunhe.codecs.hj212.segment import Packet, read
from xunhe.outward_settings.hj212 import Hj212InSettings
from xunhe_tools.hj212_platform.wire import packed, taken

PACE = 5_000  # frames a second of the backlog
_CHUNK = 1448  # what a TCP segment holds
_TICK_S = 0.01
_LIVE_EVERY_S = 0.02


def _frames(count: int, flag: int = 5) -> Iterator[bytes]:
    """Uploads of five factors, as stations send them."""
    for n in range(count):
        yield packed(
            f"QN=20261121{n // 3600 % 24:02d}{n // 60 % 60:02d}{n % 60:02d}{n % 1000:03d};ST=21;"
            f"CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag={flag};"
            "CP=&&DataTime=20261121080000;"
            f"w01010-Rtd=18.3,w01010-Flag=N;w01001-Rtd={7 + n % 100 / 100:.2f},w01001-Flag=N;"
            "w01009-Rtd=6.4,w01009-Flag=N;w21003-Rtd=0.85,w21003-Flag=N;"
            "w01014-Rtd=431,w01014-Flag=N&&"
        )


def _decoded(event: Event) -> Packet | None:
    """Down to numbers with their time; None where anything of it fails."""
    packet = read(event) if isinstance(event, Frame) else None
    if not isinstance(packet, Packet):
        return None
    factors, unusable = area.factors(packet.cp)
    at = times.parse(area.plain(packet.cp)["DataTime"], times.EAST_8)
    return packet if len(factors) == 5 and not unusable and at is not None else None


def frames_per_s(count: int) -> float:
    """Frames in a second of one core's own time, whatever else the machine does meanwhile."""
    stream = b"".join(_frames(count))
    deframer, found = Deframer(), 0
    began_s = time.thread_time()
    for at in range(0, len(stream), _CHUNK):
        events = deframer.feed(stream[at : at + _CHUNK])
        found += sum(_decoded(event) is not None for event in events)
    took_s = time.thread_time() - began_s
    if found != count:
        raise RuntimeError(f"decoded {found} frames of {count}")
    return count / took_s


class Decoder:
    """In the place of the intake: decodes everything and answers what asks for it, stores nothing.

    It stores nothing because the question is what decoding costs those who wait for it.
    """

    def __init__(self) -> None:
        self.count = 0

    def take(self, events: Iterable[tuple[int, Event]]) -> list[tuple[int, bytes]]:
        """Answers by number of the connection."""
        answers = []
        for number, event in events:
            packet = _decoded(event)
            self.count += packet is not None
            if packet is not None and packet.flag is not None and packet.flag.wants_answer:
                answers.append((number, packet.answered(DATA_ANSWER, V2017.answer).wire))
        return answers


def live_beside(seconds: float) -> tuple[list[float], float]:
    """ms from a live frame's writing to its answer, while the same thread decodes a backlog of
    `PACE` frames a second from another connection; and the frames a second that it decoded."""
    decoder = Decoder()
    station = {"mn": "a", "pw": "1", "place": "b"}
    settings = Hj212InSettings.model_validate({"port": 0, "station": [station]})
    listener = Listener(settings, decoder, time.monotonic)
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_stations, args=(there, listener.port, seconds), daemon=True)
    process.start()
    began_s = None
    while not here.poll():
        if listener.step(0.1) and began_s is None:
            began_s = time.monotonic()
    rate = decoder.count / (time.monotonic() - (began_s or 0.0))
    delays_ms: list[float] = here.recv()
    process.join(10)
    listener.close()
    return delays_ms, rate


def _stations(pipe: Connection, port: int, seconds: float) -> None:
    """The other process: one station fills back, another is live."""
    end_s = time.monotonic() + seconds
    filling = threading.Thread(target=_fill_back, args=(port, end_s))
    filling.start()
    delays_ms = list(_live(port, end_s))
    filling.join()
    pipe.send(delays_ms)


def _fill_back(port: int, end_s: float) -> None:
    a_tick = b"".join(_frames(round(PACE * _TICK_S), flag=4))
    with socket.create_connection(("127.0.0.1", port)) as connection:
        due_s = time.monotonic()
        while due_s < end_s:
            connection.sendall(a_tick)
            due_s += _TICK_S
            time.sleep(max(due_s - time.monotonic(), 0))


def _live(port: int, end_s: float) -> Iterator[float]:
    (frame,) = _frames(1)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while time.monotonic() < end_s:
            time.sleep(_LIVE_EVERY_S)
            buffer = bytearray()
            began_s = time.monotonic()
            connection.sendall(frame)
            while not list(taken(buffer)):
                buffer += connection.recv(4096)
            yield 1000 * (time.monotonic() - began_s)
