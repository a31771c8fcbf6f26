"""The check of HJ 212-2017 Annex A, "ANSI CRC16". It is not CRC-16/MODBUS.

Only the register's high byte survives from byte to byte: 256 results are all there are, so it finds
every single wrong byte and lets one random damage in 256 pass. Never an identity.
"""


def _after_eight_shifts(register: int) -> int:
    for _ in range(8):
        register = (register >> 1) ^ (0xA001 if register & 1 else 0)
    return register


_REGISTERS = tuple(_after_eight_shifts(mixed) for mixed in range(256))
_HIGH = bytes(register >> 8 for register in _REGISTERS)


def crc16(segment: bytes) -> int:
    """The register after a data segment; 0xFFFF for an empty one."""
    if not segment:
        return 0xFFFF
    high = 0xFF
    for byte in segment[:-1]:
        high = _HIGH[high ^ byte]
    return _REGISTERS[high ^ segment[-1]]
