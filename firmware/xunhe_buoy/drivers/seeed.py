"""Seeed S-pH-01 on RS-485, to be confirmed: a third-party table. 9600 baud.

Times are guesses on the safe side, to be confirmed on the bench. Whether the temperature is signed
is not told; read as signed, a pond under ice stays near 0 °C.
"""

from xunhe_buoy.drivers.probe import Times
from xunhe_buoy.drivers.registers import Model, RegisterProbe

MODELS = {
    "S-pH-01": Model(
        "ph",
        Times(3000, 10000, 2000),
        ((0x0000, 2, ((0, ">h", "temp_c", 100), (1, ">H", "ph", 100))),),
    ),
}


def build(entry, buses, settings):
    model = MODELS[entry["model"]]
    return RegisterProbe(entry, model, buses.slave(entry, model))
