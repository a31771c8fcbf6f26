"""Renke 建大仁科 probes on RS-485: RS-LDO(S)-N01 (oxygen), RS-PH-N01-3 (pH).

To be confirmed, all of it: third-party notes that cite manuals V1.9 and V2.0; RS-PH from one code
base only, low confidence. 4800 baud 8N1, FC03 or FC04, floats big-endian. The salinity and pressure
registers (1020, 1022) are left alone, their widths being unknown: channels.py corrects for both.
Times are guesses on the safe side, to be confirmed on the bench.
"""

from xunhe_buoy.drivers.probe import Times
from xunhe_buoy.drivers.registers import Model, RegisterProbe
from xunhe_buoy.modbus import ModbusError

CALIBRATE_REGISTER = 0x1010
CALIBRATION_POINTS = {"zero": 1, "air": 2}  # what FC06 writes there: 0 % and 100 % saturation

MODELS = {
    "RS-LDO": Model(
        "oxygen",
        Times(3000, 10000, 2000),
        (
            (
                0x0000,
                6,
                ((0, ">f", "do_fraction", 1), (2, ">f", "do_mg_l", 1), (4, ">f", "temp_c", 1)),
            ),
        ),
        baud=4800,
        reply_ms=400,
    ),
    "RS-PH": Model(
        "ph",
        Times(3000, 10000, 2000),
        ((0x0000, 2, ((0, ">H", "ph", 100), (1, ">h", "temp_c", 10))),),
        baud=4800,
        reply_ms=400,
    ),
}


class OxygenProbe(RegisterProbe):
    """RS-LDO calibrates itself on command."""

    def calibrate(self, point):
        """Calibrate at "zero" or in "air"; a reason on failure, else None."""
        try:
            self._slave.write_one(CALIBRATE_REGISTER, CALIBRATION_POINTS[point])
        except ModbusError as error:
            return self.count(error.reason)
        return None


def build(entry, buses, settings):
    model = MODELS[entry["model"]]
    kind = OxygenProbe if model.role == "oxygen" else RegisterProbe
    return kind(entry, model, buses.slave(entry, model))
