"""pH of calibration buffers over temperature, with the source of every table. Pure.

Between two temperatures of a table the value is interpolated; outside it there is none. A value
whose source was not seen in print is marked: `is_confirmed` is False, and the certificate says so.

Sources
    NIST     look-up table `ph_temp_lut` of Analog Devices' EVAL-CN0398 firmware, 0 to 40 °C: borax,
             phosphate 1:1, phosphate 1:3.5 (7.00), phthalate, carbonate; of 10.01 also Waring's
             manual 611-211, table 7 (2005), which agrees to 0.01
    GB       GB 6920-86, 水质 pH值的测定: 4.008, 6.865 and 9.180 at 25 °C. Its phosphate and borax
             are NIST's of the table above; phthalate away from 25 °C is remembered, to be confirmed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise


class BufferError(ValueError):
    """No value of a buffer: unknown, or outside its table."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """A buffer as its bottle is named; `ph` at each of `TEMPS_C`."""

    name: str
    family: str
    ph: tuple[float, ...]
    source: str
    confirmed_c: tuple[float, float] = (0.0, 40.0)  # where the source was seen

    def at(self, temp_c: float) -> "BufferValue":
        """Its pH at a temperature, °C; BufferError outside 0 to 40."""
        for i, (low, high) in enumerate(pairwise(TEMPS_C)):
            if low <= temp_c <= high:
                share = (temp_c - low) / (high - low)
                ph = self.ph[i] + share * (self.ph[i + 1] - self.ph[i])
                confirmed = self.confirmed_c[0] <= temp_c <= self.confirmed_c[1]
                return BufferValue(self.name, round(ph, 4), self.source, confirmed)
        raise BufferError(
            f"buffer {self.name} has no value at {temp_c:.1f} °C; its table runs from"
            f" {TEMPS_C[0]} to {TEMPS_C[-1]} °C: warm or cool it"
        )


@dataclass(frozen=True, slots=True)
class BufferValue:
    """What a buffer is worth at one temperature, and who says so."""

    name: str
    ph: float
    source: str
    is_confirmed: bool


TEMPS_C = (0, 5, 10, 15, 20, 25, 30, 35, 40)
_GB = "GB 6920-86"
_NIST = "NIST (ADI EVAL-CN0398)"
_AT_25 = (25.0, 25.0)

BUFFERS: Mapping[str, Buffer] = {
    buffer.name: buffer
    for buffer in (
        Buffer(
            "4.008",
            "gb",
            (4.003, 3.999, 3.998, 3.999, 4.002, 4.008, 4.015, 4.024, 4.035),
            _GB,
            _AT_25,
        ),
        Buffer("6.865", "gb", (6.984, 6.951, 6.923, 6.900, 6.881, 6.865, 6.853, 6.844, 6.838), _GB),
        Buffer("9.180", "gb", (9.464, 9.395, 9.332, 9.276, 9.225, 9.180, 9.139, 9.102, 9.068), _GB),
        Buffer("4.01", "technical", (4.00, 4.00, 4.00, 4.00, 4.00, 4.01, 4.01, 4.02, 4.03), _NIST),
        Buffer("7.00", "technical", (7.12, 7.09, 7.06, 7.04, 7.02, 7.00, 6.99, 6.98, 6.97), _NIST),
        Buffer(
            "10.01",
            "technical",
            (10.32, 10.25, 10.18, 10.12, 10.06, 10.01, 9.97, 9.93, 9.89),
            _NIST,
        ),
    )
}

# Bottles are often named with two decimals.
_ALSO = {"4.00": "4.008", "6.86": "6.865", "9.18": "9.180"}


def buffer_value(word: str, temp_c: float) -> BufferValue:
    """The value of `6.865` from its table, or of `6.88=6.881`: what the bottle says, unchecked.

    BufferError says which buffers are known.
    """
    name, equals, told = word.partition("=")
    if equals:
        return BufferValue(name, _told(word, told), "标签 label", is_confirmed=False)
    buffer = BUFFERS.get(_ALSO.get(name, name))
    if buffer is None:
        known = ", ".join(BUFFERS)
        raise BufferError(
            f"no table of buffer {name}; known: {known}. For another, write what its bottle says"
            f" at the water's temperature: {name}=VALUE"
        )
    return buffer.at(temp_c)


def _told(word: str, value: str) -> float:
    try:
        ph = float(value)
    except ValueError:
        ph = -1.0
    if not 0 < ph < 14:
        raise BufferError(f"{word}: write NAME=pH, such as 6.88=6.881")
    return ph
