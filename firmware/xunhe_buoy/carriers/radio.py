"""Messages over a transparent serial or LoRa radio to a gateway in reach. No session, no address
but the device's: "up" means that the port is there.

The status is long and rests on nothing: it goes once an hour.
"""

from xunhe_buoy.links import R_NETWORK, R_REFUSED, LinkError
from xunhe_buoy.radio_frame import DOWN, MAX_PAYLOAD, OVERHEAD, UP_RECEIVED
from xunhe_buoy.radio_frame import Assembler, Deframer, encode
from xunhe_buoy.radio_queue import AirTime, Outgoing

SILENCE_MS = 500  # an unfinished frame is none any more
_PAUSE_MS = 10


class RadioCarrier:
    """`wanted` is config's: `baud`, `air_bps`, `duty_permille`."""

    max_batch = 12  # records: one part, 192 bytes
    ack_timeout_ms = 60000
    status_ms = 3600000

    def __init__(self, board, device, wanted):
        self._board = board
        self._device = device
        self._baud = wanted.baud
        self._uart = None
        self._air = AirTime(board, wanted.air_bps, wanted.duty_permille)
        self._outgoing = Outgoing(device, board, self._air, int(board.jitter() * 256))
        self._deframer = Deframer()
        self._assembler = Assembler()
        self._heard_ms = board.ticks_ms()
        self._lost = 0
        self._used_bytes = 0
        self.on_network_time = None  # a radio knows no time

    def open(self):
        try:
            self._uart = self._board.uart("radio", self._baud)
        except OSError as error:
            raise LinkError(R_NETWORK, "radio port: %s" % error)
        return True

    def close(self):
        self.drop()

    def drop(self):
        self._outgoing.clear()

    def send(self, kind, payload):
        """Queue it: `poll` brings it on the air."""
        self._outgoing.put(kind, payload)

    def is_free(self):
        return not self._outgoing.waiting() and not self.is_exhausted()

    def is_exhausted(self):
        return not self._air.allows(OVERHEAD + MAX_PAYLOAD)

    def memory(self):
        return self._air.memory(), self._board.uptime_s()

    def remember(self, kept):
        room, then_s = kept
        self._air.remember(room, int((self._board.uptime_s() - then_s) * 1000))

    def used_bytes(self):
        return self._used_bytes

    def poll(self, wait_ms):
        start = self._board.ticks_ms()
        while True:
            message = self._listen()
            if message is not None:
                return message
            self._talk()
            if self._board.ticks_diff(self._board.ticks_ms(), start) >= wait_ms:
                return None
            self._board.sleep_ms(_PAUSE_MS)

    def _listen(self):
        """A message that is whole now, or None where there is nothing more to read."""
        while True:
            frame = self._deframer.take(self._read())
            if frame is None:
                return None
            if frame.device != self._device:
                continue
            if frame.kind == UP_RECEIVED:
                self._outgoing.received(frame)
            elif frame.kind in DOWN:
                self._confirm(frame)
                message = self._assembler.take(frame)
                if message is not None:
                    return frame.kind, message

    def _confirm(self, frame):
        if self._air.allows(OVERHEAD):
            self._air.spend(OVERHEAD)
            self._write(encode(frame.receipt()))

    def _talk(self):
        data = self._outgoing.next(self._board.jitter())
        if self._outgoing.lost > self._lost:
            self._lost = self._outgoing.lost
            raise LinkError(R_REFUSED, "nobody receives")
        if data is not None:
            self._write(data)

    def _read(self):
        """Feed the deframer; True where there has been silence for a while."""
        now_ms = self._board.ticks_ms()
        try:
            data = self._uart.read() if self._uart.any() else None
        except OSError as error:
            raise LinkError(R_NETWORK, "radio port: %s" % error)
        if data:
            self._deframer.feed(data)
            self._heard_ms = now_ms
        return self._board.ticks_diff(now_ms, self._heard_ms) > SILENCE_MS

    def _write(self, data):
        try:
            self._uart.write(data)
        except OSError as error:
            raise LinkError(R_NETWORK, "radio port: %s" % error)
        self._used_bytes += len(data)
