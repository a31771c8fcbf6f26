"""Battery and solar voltage by an ADC behind a divider."""

from xunhe_buoy.quality import median

_SAMPLES = 7  # a modem's burst falls into one or two of them


def volts(adc, ratio):
    """Volts at the divider's top: median of several samples of `adc.read_uv()` (machine.ADC).

    `ratio` is (upper + lower resistor) / lower.
    """
    return median([adc.read_uv() for _ in range(_SAMPLES)]) * ratio / 1e6
