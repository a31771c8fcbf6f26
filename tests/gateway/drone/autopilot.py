"""An autopilot for tests: MAVLink messages, and the two kinds of log that hold them."""

import struct
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as dialect

FORMS = {
    "GPS": (0x81, "QBIHB", "TimeUS,Status,GMS,GWk,NSats"),
    "POS": (0x82, "QLLff", "TimeUS,Lat,Lng,Alt,RelHomeAlt"),
    "ATT": (0x83, "QccC", "TimeUS,Roll,Pitch,Yaw"),
    "MNT": (0x84, "QBffffff", "TimeUS,I,Roll,Pitch,YawB,YawE,DesRoll,DesPitch"),
    "GPA": (0x85, "QCC", "TimeUS,VDop,HAcc"),
    "RFND": (0x86, "QBCBB", "TimeUS,Instance,Dist,Stat,Orient"),
}
_CODES = {"Q": "Q", "B": "B", "I": "I", "H": "H", "L": "i", "f": "f", "c": "h", "C": "H"}


class Autopilot:
    """Packs messages of one system."""

    def __init__(self, system: int = 1) -> None:
        self._out = dialect.MAVLink(None, srcSystem=system, srcComponent=1)

    def position(self, boot_ms: int, lat: float, lon: float, home_m: float = 60.0) -> bytes:
        """GLOBAL_POSITION_INT, 12 m higher above sea than above home."""
        message = dialect.MAVLink_global_position_int_message(
            boot_ms,
            round(lat * 1e7),
            round(lon * 1e7),
            round((home_m + 12) * 1e3),
            round(home_m * 1e3),
            0,
            0,
            0,
            0,
        )
        return self.pack(message)

    def clock(self, boot_ms: int, unix_us: int) -> bytes:
        """SYSTEM_TIME."""
        return self.pack(dialect.MAVLink_system_time_message(unix_us, boot_ms))

    def pack(self, message: Any) -> bytes:
        """Any message as a frame."""
        return bytes(message.pack(self._out))


def tlog(frames: list[bytes], unix_us: int = 1_700_000_000_000_000) -> bytes:
    """The frames as a ground station keeps them, a tenth of a second apart."""
    return b"".join(
        struct.pack(">Q", unix_us + 100_000 * i) + frame for i, frame in enumerate(frames)
    )


def flash_log(rows: list[tuple[str, tuple[float, ...]]]) -> bytes:
    """Rows of raw values (as they lie in the log) with the forms of all of `FORMS` before them."""
    head = [_fmt(0x80, 89, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")]
    head += [
        _fmt(number, 3 + _layout(letters).size, name, letters, columns)
        for name, (number, letters, columns) in FORMS.items()
    ]
    return b"".join([*head, *(_row(name, values) for name, values in rows)])


def _layout(letters: str) -> struct.Struct:
    return struct.Struct("<" + "".join(_CODES[letter] for letter in letters))


def _row(name: str, values: tuple[float, ...]) -> bytes:
    number, letters, _ = FORMS[name]
    return b"\xa3\x95" + bytes([number]) + _layout(letters).pack(*values)


def _fmt(number: int, size: int, name: str, letters: str, columns: str) -> bytes:
    texts = (name.encode(), letters.encode(), columns.encode())
    return b"\xa3\x95\x80" + struct.pack("<BB4s16s64s", number, size, *texts)
