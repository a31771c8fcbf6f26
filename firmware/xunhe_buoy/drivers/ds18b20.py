"""Maxim DS18B20 thermometer on 1-Wire, powered (three wires, no parasite power).

Commands, scratchpad, CRC polynomial, 750 ms and the power-up value of 85 °C: DS18B20 data sheet,
revision 042208. The bus is onewire.OneWire or anything with its reset, writebyte and readbyte.
"""

from xunhe_buoy.drivers.probe import R_RUBBISH, Probe, Times, plausible

SKIP_ROM = 0xCC  # the only one on the bus
MATCH_ROM = 0x55
CONVERT = 0x44
READ_SCRATCHPAD = 0xBE
CONVERSION_MS = 750  # at 12 bits, the longest
_POLL_MS = 10
_POWER_UP = 0x0550  # 85 °C: no conversion since power-up

R_ABSENT = "absent"  # no presence pulse
R_CRC = "crc"
R_SLOW = "slow"  # the conversion did not end
R_POWER_UP = "power-up"  # it lost its supply between conversion and reading

MODELS = {"DS18B20": ("temperature", Times(10, 0, CONVERSION_MS))}


def crc8(data):
    """Dallas CRC, X^8 + X^5 + X^4 + 1, least significant bit first; 0 over data with its CRC."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


def parse_scratchpad(data):
    """(°C or None, reason or None) of its nine bytes."""
    if crc8(data):
        return None, R_CRC
    if data[4] & 0x9F != 0x1F:  # a bus stuck low reads as zeros, whose CRC is right
        return None, R_RUBBISH
    raw = data[0] | data[1] << 8
    if raw == _POWER_UP:
        return None, R_POWER_UP
    temp_c = plausible("temp_c", (raw - 0x10000 if raw & 0x8000 else raw) / 16)
    return temp_c, R_RUBBISH if temp_c is None else None


class Thermometer(Probe):
    """One thermometer; `rom` (8 bytes) where several share the bus."""

    def __init__(self, entry, onewire, clock):
        role, times = MODELS[entry["model"]]
        super().__init__(entry, role, times)
        self._onewire = onewire
        self._clock = clock
        self._rom = bytes.fromhex(entry["rom"]) if "rom" in entry else None

    def read(self):
        """({"temp_c": °C or None}, reason or None)."""
        try:
            reason = self._convert() or self._address(READ_SCRATCHPAD)
            if reason is not None:
                return {}, self.count(reason)
            scratchpad = bytes(self._onewire.readbyte() for _ in range(9))
        except OSError:  # the port itself
            return {}, self.count(R_ABSENT)
        temp_c, reason = parse_scratchpad(scratchpad)
        return {"temp_c": temp_c}, None if reason is None else self.count(reason)

    def _convert(self):
        """Convert and wait: it answers 0 bits until it has done."""
        reason = self._address(CONVERT)
        start = self._clock.ticks_ms()
        while reason is None and self._onewire.readbyte() != 0xFF:
            if self._clock.ticks_diff(self._clock.ticks_ms(), start) > CONVERSION_MS:
                return R_SLOW
            self._clock.sleep_ms(_POLL_MS)
        return reason

    def _address(self, command):
        if not self._onewire.reset():
            return R_ABSENT
        if self._rom is None:
            self._onewire.writebyte(SKIP_ROM)
        else:
            self._onewire.writebyte(MATCH_ROM)
            for byte in self._rom:
                self._onewire.writebyte(byte)
        self._onewire.writebyte(command)
        return None


def build(entry, buses, settings):
    return Thermometer(entry, buses.onewire(), buses.board)
