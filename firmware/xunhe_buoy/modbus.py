"""Modbus RTU (Modbus over Serial Line V1.02, application protocol V1.1b3). Pure; bytes and values.

Requests are built, and a reply is looked for anywhere in what arrived, so that noise before it or
an echo of a read request (half-duplex transceivers that hear themselves) costs nothing.

Errors
    ModbusError   `reason` is one of the R_* words below, counted and sent with the status
"""

READ_HOLDING = 0x03
READ_INPUT = 0x04
WRITE_ONE = 0x06
WRITE_MANY = 0x10
BUSY = 6  # exception code "server device busy": ask again later (V1.1b3 section 7)

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


def read_request(address, register, count, function=READ_HOLDING):
    """FC03 or FC04 request. Count 0 is Yosemitech's "start", outside the standard's 1 to 125."""
    if function not in (READ_HOLDING, READ_INPUT):
        raise ValueError("function code %d does not read registers" % function)
    if not 0 <= count <= 125:
        raise ValueError("%d registers, must be 0 to 125" % count)
    return with_crc(_head(address, function, register) + bytes((0, count)))


def write_one_request(address, register, value):
    """FC06 request: one 16-bit value, 0 to 65535."""
    return with_crc(_head(address, WRITE_ONE, register) + bytes((value >> 8, value & 0xFF)))


def write_request(address, register, data):
    """FC16 request: 2 to 246 bytes, two a register, as they stand on the wire."""
    size = len(data)
    if size % 2 or not 2 <= size <= 246:
        raise ValueError("%d bytes do not fill 1 to 123 registers" % size)
    return with_crc(_head(address, WRITE_MANY, register) + bytes((0, size // 2, size)) + data)


def _head(address, function, register):
    if not 1 <= address <= 247:
        raise ValueError("Modbus address %d, must be 1 to 247" % address)
    return bytes((address, function, register >> 8, register & 0xFF))


def reply_size(request):
    """Bytes of the normal reply to a request; an exception reply always has 5."""
    return 5 + 2 * request[5] if _reads(request[1]) else 8


def parse_reply(buf, request):
    """The register bytes in what arrived after a request (none after a write), or ModbusError."""
    address, function = request[0], request[1]
    stranger = None
    for i in range(len(buf) - 4):
        end = i + _frame_size(buf, i)
        if buf[i + 1] & 0x7F != function or end > len(buf) or not is_frame(buf[i:end]):
            continue
        if buf[i] != address:
            stranger = buf[i]
        elif buf[i + 1] & 0x80:
            code = buf[i + 2]
            raise ModbusError(R_EXCEPTION, "id %d: exception code %d" % (address, code), code)
        elif _answers(buf, i, end, request):
            return bytes(buf[i + 3 : end - 2]) if _reads(function) else b""
    raise _why_nothing(buf, request, stranger)


def is_frame(frame):
    """True for at least 5 bytes that end in their own CRC."""
    return len(frame) >= 5 and with_crc(bytes(frame[:-2])) == bytes(frame)


def _reads(function):
    return function in (READ_HOLDING, READ_INPUT)


def _frame_size(buf, i):
    """Bytes of the reply that begins at `i`, going by its function code."""
    if buf[i + 1] & 0x80:
        return 5
    return 5 + buf[i + 2] if _reads(buf[i + 1]) else 8


def _answers(buf, i, end, request):
    """A read tells its size only; a write repeats register and value or count."""
    if _reads(request[1]):
        return end - i == reply_size(request)
    return bytes(buf[i : i + 6]) == request[:6]


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
