"""Modbus RTU (Modbus over Serial Line V1.02): reading holding registers. Pure; bytes and values.

A reply is looked for anywhere in what arrived, so that noise before it or an echo of the request
(half-duplex transceivers that hear themselves) costs nothing.

Errors
    ModbusError   `reason` is one of the R_* words below, counted and sent with the status
"""

READ_HOLDING = 0x03

R_SILENCE = "silence"  # nothing arrived
R_SHORT = "short"  # fewer bytes than the reply has
R_CRC = "crc"  # enough bytes, no frame among them
R_ID = "wrong id"  # a whole frame, from another address
R_EXCEPTION = "exception"  # the probe refused; `code` says why
R_ECHO = "echo"  # only our own request came back
R_BUS = "bus"  # the port itself failed


class ModbusError(OSError):
    """A transaction that gave no value; `code` is the exception code, or 0."""

    def __init__(self, reason, message, code=0):
        super().__init__(message)
        self.reason = reason
        self.code = code


def crc16(data):
    """CRC-16/MODBUS: 0x4B37 for b"123456789"."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def with_crc(body):
    """The frame of a body: CRC appended, low byte first."""
    crc = crc16(body)
    return body + bytes((crc & 0xFF, crc >> 8))


def read_request(address, register, count):
    """FC03 request. Count 0 is Yosemitech's "start", outside the standard's 1 to 125."""
    if not 1 <= address <= 247:
        raise ValueError("Modbus address %d, must be 1 to 247" % address)
    if not 0 <= count <= 125:
        raise ValueError("%d registers, must be 0 to 125" % count)
    head = (address, READ_HOLDING, register >> 8, register & 0xFF, 0, count)
    return with_crc(bytes(head))


def reply_size(request):
    """Bytes of the normal reply to a read request; an exception reply always has 5."""
    return 5 + 2 * request[5]


def parse_reply(buf, request):
    """The register bytes in what arrived after a request; ModbusError with the reason if none."""
    address, size = request[0], reply_size(request)
    stranger = None
    for i in range(len(buf) - 4):
        function = buf[i + 1]
        end = i + (5 if function & 0x80 else 5 + buf[i + 2])
        if function & 0x7F != READ_HOLDING or end > len(buf) or not is_frame(buf[i:end]):
            continue
        if buf[i] != address:
            stranger = buf[i]
        elif function & 0x80:
            code = buf[i + 2]
            raise ModbusError(R_EXCEPTION, "id %d: exception code %d" % (address, code), code)
        elif end - i == size:
            return bytes(buf[i + 3 : end - 2])
    raise _why_nothing(buf, request, stranger)


def is_frame(frame):
    """True for at least 5 bytes that end in their own CRC."""
    return len(frame) >= 5 and with_crc(bytes(frame[:-2])) == bytes(frame)


def _why_nothing(buf, request, stranger):
    address = request[0]
    if not buf:
        return ModbusError(R_SILENCE, "id %d: no answer" % address)
    if stranger is not None:
        return ModbusError(R_ID, "id %d: answer from id %d" % (address, stranger))
    if bytes(buf) == request:
        return ModbusError(R_ECHO, "id %d: only our own request came back" % address)
    if len(buf) < reply_size(request):
        return ModbusError(R_SHORT, "id %d: %d bytes arrived" % (address, len(buf)))
    return ModbusError(R_CRC, "id %d: no frame in %d bytes" % (address, len(buf)))
