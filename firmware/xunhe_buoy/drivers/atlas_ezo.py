"""Atlas Scientific EZO circuits on I2C: EZO-pH and EZO-DO.

Commands and delays as the EZO datasheets' pages give them; where marked, to be confirmed. A stated
delay is a minimum: EnviroDIY/ModularSensors measured 1656 ms for the pH reading where the manual
says 900, so the circuit is asked until it no longer answers "not ready". Delays are wall time.

Errors
    EzoError   `reason` is one of the R_* words below
"""

from xunhe_buoy.drivers.probe import R_RUBBISH, Probe, Times, plausible

ADDRESSES = {"EZO-DO": 0x61, "EZO-pH": 0x63}
SETTING_MS = 300  # T, Slope, Status, Cal,clear; for S and P of the DO circuit to be confirmed
POLL_MS = 50
LONGEST_MS = 4000  # beyond this a circuit that is "not ready" is broken

R_NACK = "nack"  # nobody at the address, or asleep
R_SYNTAX = "syntax"
R_BUSY = "not ready"
R_EMPTY = "no data"  # the command was never heard: a sleeping circuit swallows the first

_REASONS = {2: R_SYNTAX, 254: R_BUSY, 255: R_EMPTY}
_SUCCESS = 1
_ANSWER_SIZE = 40  # the longest is a Slope or Status line

# (role, quantity, reading delay ms, times); warm-up and stabilising are to be confirmed
MODELS = {
    "EZO-DO": ("oxygen", "do_mg_l", 600, Times(1000, 5000, 600)),
    "EZO-pH": ("ph", "ph", 900, Times(1000, 5000, 900)),
}

# point → (command, delay ms); all but "clear" to be confirmed. "mid" comes first: it clears others.
PH_POINTS = {
    "mid": ("Cal,mid,%.2f", 900),
    "low": ("Cal,low,%.2f", 900),
    "high": ("Cal,high,%.2f", 900),
}
DO_POINTS = {"air": ("Cal", 1300), "zero": ("Cal,0", 1300)}


class EzoError(OSError):
    """A command that gave no answer."""

    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason


def parse_answer(raw):
    """The text of an I2C answer: a code byte, ASCII, NUL; EzoError with the reason otherwise."""
    code = raw[0] if raw else 255
    if code != _SUCCESS:
        raise EzoError(_REASONS.get(code, R_RUBBISH), "answer code %d" % code)
    text = bytes(raw[1:]).split(b"\0")[0]
    if not all(32 <= byte < 127 for byte in text):
        raise EzoError(R_RUBBISH, "answer is no ASCII text")
    return text.decode()


def parse_numbers(text):
    """The numbers of a reading, separated by commas; EzoError on anything else."""
    try:
        return [float(field) for field in text.split(",")]
    except ValueError:
        raise EzoError(R_RUBBISH, "%r is no reading" % text)


def parse_query(text):
    """(name in lower case, fields) of `?Slope,99.7,…`, or of the odd `?,O,…` of other queries."""
    fields = text.split(",")
    if fields[0] == "?":
        fields = fields[1:]
    elif fields[0][:1] == "?":
        fields[0] = fields[0][1:]
    else:
        fields = []
    if not fields:
        raise EzoError(R_RUBBISH, "%r answers no query" % text)
    return fields[0].lower(), fields[1:]


class Circuit:
    """One circuit on the bus: `i2c` as machine.I2C, `clock` with `ticks_ms` and the like."""

    def __init__(self, i2c, address, clock):
        self._i2c = i2c
        self._address = address
        self._clock = clock

    def ask(self, command, delay_ms):
        """The answer's text. A circuit that was asleep has swallowed it: told once more."""
        try:
            return self._ask(command, delay_ms)
        except EzoError as error:
            if error.reason not in (R_NACK, R_EMPTY):
                raise
        return self._ask(command, delay_ms)

    def _ask(self, command, delay_ms):
        start = self._clock.ticks_ms()
        self._bus(self._i2c.writeto, command.encode())
        self._clock.sleep_ms(delay_ms)
        raw = bytearray(_ANSWER_SIZE)
        while True:
            self._bus(self._i2c.readfrom_into, raw)
            try:
                return parse_answer(raw)
            except EzoError as error:
                waited = self._clock.ticks_diff(self._clock.ticks_ms(), start)
                if error.reason != R_BUSY or waited >= LONGEST_MS:
                    raise
            self._clock.sleep_ms(POLL_MS)

    def _bus(self, transfer, data):
        try:
            transfer(self._address, data)
        except OSError as error:
            raise EzoError(R_NACK, "i2c 0x%02x: %s" % (self._address, error))


class EzoProbe(Probe):
    """A circuit that measures one quantity and compensates it by the temperature it is told."""

    compensates = True

    def __init__(self, entry, circuit, conditions=()):
        role, self._quantity, self._reading_ms, times = MODELS[entry["model"]]
        super().__init__(entry, role, times)
        self._circuit = circuit
        self._conditions = conditions  # commands that tell the circuit where it hangs
        self._temp_c = None
        self._points = DO_POINTS if role == "oxygen" else PH_POINTS

    def start(self):
        """Tell the circuit salinity and pressure; a reason on failure, else None."""
        return self._told(self._conditions, SETTING_MS)

    def compensate(self, temp_c):
        """The water's temperature, for the next reading."""
        self._temp_c = temp_c

    def read(self):
        """(values, reason or None). Without a temperature the circuit assumes its last one."""
        try:
            if self._temp_c is not None:
                self._circuit.ask("T,%.2f" % self._temp_c, SETTING_MS)
            numbers = parse_numbers(self._circuit.ask("R", self._reading_ms))
        except EzoError as error:
            return {}, self.count(error.reason)
        return self.judged({self._quantity: plausible(self._quantity, numbers[0])})

    def calibrate(self, point, reference=0.0):
        """Calibrate the circuit in a buffer or in air; a reason on failure, else None."""
        command, delay_ms = self._points[point]
        return self._told((command % reference if "%" in command else command,), delay_ms)

    def slope(self):
        """(acid %, base %, offset mV) of the pH electrode as the circuit knows it; EzoError."""
        name, fields = parse_query(self._circuit.ask("Slope,?", SETTING_MS))
        if name != "slope" or len(fields) != 3:
            raise EzoError(R_RUBBISH, "%s %r is no slope" % (name, fields))
        return tuple(parse_numbers(",".join(fields)))

    def _told(self, commands, delay_ms):
        try:
            for command in commands:
                self._circuit.ask(command, delay_ms)
        except EzoError as error:
            return self.count(error.reason)
        return None


def build(entry, buses, settings):
    address = entry.get("address", ADDRESSES[entry["model"]])
    conditions = ()
    if entry["model"] == "EZO-DO":
        conditions = ("S,%.2f,ppt" % settings.salinity_psu, "P,%.1f" % settings.pressure_kpa)
    return EzoProbe(entry, Circuit(buses.i2c(), address, buses.board), conditions)
