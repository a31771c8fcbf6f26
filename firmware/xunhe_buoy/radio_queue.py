"""What waits to go on the air: one part at a time, again until it is received. For both sides.

Rules
    1. A part is sent again when no receipt came in twice the time of both on the air, stretched
       by jitter and by the number of tries, since two senders that met will meet again otherwise.
    2. After TRIES the message is lost, and said to be.
    3. Nothing is sent beyond the duty cycle: `AirTime` is a bucket that leaks.
"""

from xunhe_buoy import radio_frame
from xunhe_buoy.radio_frame import MAX_PAYLOAD, OVERHEAD, Frame

TRIES = 6
PREAMBLE_MS = 50  # preamble and turn-round of a module (to be measured)
HOUR_MS = 3600000


class Clock:
    """Milliseconds that may wrap, and their difference. A board is one as it is.

    No Protocol: MicroPython has no typing.
    """

    def ticks_ms(self) -> int:
        raise NotImplementedError

    def ticks_diff(self, later: int, earlier: int) -> int:
        raise NotImplementedError


class AirTime:
    """The duty cycle: `duty_permille` of an hour, spent as it comes, won back as time passes.

    It begins with a tenth of an hour's share, so that power that comes and goes wins nothing.
    `air_bps` is what the module sends a second. Regulations name the limit for a band and country
    (1 % in much of ETSI EN 300 220-2); it is configuration.
    """

    def __init__(self, clock: Clock, air_bps: int, duty_permille: int) -> None:
        self._clock = clock
        self._air_bps = air_bps
        self._permille = duty_permille
        self._most = HOUR_MS * duty_permille  # thousandths of a millisecond
        self._room = self._most // 10
        self._at_ms = clock.ticks_ms()
        self.spent_ms = 0
        whole_frame = OVERHEAD + MAX_PAYLOAD
        if self._most < self.cost_ms(whole_frame) * 1000:
            raise ValueError(
                "%d permille of an hour at %d bit/s is less than one frame: raise either"
                % (duty_permille, air_bps)
            )

    def cost_ms(self, size: int) -> int:
        """Milliseconds on the air of so many bytes."""
        return PREAMBLE_MS + size * 8000 // self._air_bps

    def allows(self, size: int) -> bool:
        """A frame of so many bytes may go now."""
        self._leak()
        return self._room >= self.cost_ms(size) * 1000

    def spend(self, size: int) -> None:
        self._leak()
        self._room -= self.cost_ms(size) * 1000
        self.spent_ms += self.cost_ms(size)

    def memory(self) -> int:
        """What `remember` takes after a deep sleep."""
        self._leak()
        return self._room

    def remember(self, room: int, slept_ms: int) -> None:
        """Go on from what `memory` gave so long ago."""
        self._room = min(self._most, room + slept_ms * self._permille)

    def _leak(self) -> None:
        now_ms = self._clock.ticks_ms()
        passed_ms = self._clock.ticks_diff(now_ms, self._at_ms)
        self._at_ms = now_ms
        self._room = min(self._most, self._room + passed_ms * self._permille)


class Outgoing:
    """Messages to one device or from one, in order. `number` of the first should be random."""

    def __init__(self, device: bytes, clock: Clock, air: AirTime, number: int = 0) -> None:
        self._device = device
        self._clock = clock
        self._air = air
        self._number = number & 0xFF
        self._frames: list[Frame] = []
        self._tries = 0
        self._sent_ms = 0
        self._wait_ms = 0
        self.lost = 0
        self.repeated = 0

    def put(self, kind: str, message: bytes) -> None:
        """Queue a message; ValueError where it is too long for the radio."""
        self._frames += radio_frame.split(kind, self._device, self._number, message)
        self._number = (self._number + 1) & 0xFF

    def waiting(self) -> int:
        """Parts that are not received yet."""
        return len(self._frames)

    def clear(self) -> None:
        """Forget what waits."""
        self._frames, self._tries = [], 0

    def next(self, jitter: float) -> bytes | None:
        """Bytes that are to go on the air now; the caller sends them. `jitter` 0 to 1."""
        if not self._frames or not self._is_time():
            return None
        if self._tries >= TRIES:
            self._lose()
            return self.next(jitter)
        data = radio_frame.encode(self._frames[0])
        if not self._air.allows(len(data)):
            return None
        self._air.spend(len(data))
        self._tries += 1
        self.repeated += self._tries > 1
        both_ms = self._air.cost_ms(len(data)) + self._air.cost_ms(OVERHEAD)
        self._sent_ms = self._clock.ticks_ms()
        self._wait_ms = int(both_ms * (2 + (self._tries - 1) * jitter))
        return data

    def received(self, receipt: Frame) -> bool:
        """True where this receipt is for the part in the air: it is done."""
        if not self._frames or self._tries == 0:
            return False
        frame = self._frames[0]
        if (receipt.number, receipt.part, receipt.last) != (frame.number, frame.part, frame.last):
            return False
        self._frames.pop(0)
        self._tries = 0
        return True

    def _is_time(self) -> bool:
        waited_ms = self._clock.ticks_diff(self._clock.ticks_ms(), self._sent_ms)
        return self._tries == 0 or waited_ms >= self._wait_ms

    def _lose(self) -> None:
        number = self._frames[0].number
        self._frames = [frame for frame in self._frames if frame.number != number]
        self._tries = 0
        self.lost += 1
