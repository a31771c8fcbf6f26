"""MQTT 3.1.1 packets (OASIS standard of 29 October 2014; section numbers below). Pure, client side.

Errors
    MqttError   a LinkError: `reason` is one of the R_* words, counted and printed by the uplink
"""

import struct

from xunhe_buoy.links import R_MALFORMED, R_REFUSED, LinkError

CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP = 2, 3, 4, 9, 13
MAX_PACKET = 4096  # a buoy is sent acknowledgements and commands, nothing longer


class MqttError(LinkError):
    """The connection is of no use any more."""


class Message:
    """A received PUBLISH."""

    def __init__(self, topic, payload, qos, packet_id, retained):
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.packet_id = packet_id
        self.retained = retained


def connect(client_id, user=None, password=None, keepalive_s=60, will=None):
    """CONNECT with a clean session (3.1). `will` is (topic, payload), retained, QoS 1."""
    flags = 0x02
    body = _text(client_id)
    if will is not None:
        flags |= 0x04 | 0x08 | 0x20
        body += _text(will[0]) + _field(will[1])
    if user is not None:
        flags |= 0x80
        body += _text(user)
        if password is not None:  # 3.1.2.9: no password without a user name
            flags |= 0x40
            body += _text(password)
    return _packet(0x10, b"\x00\x04MQTT\x04" + struct.pack(">BH", flags, keepalive_s) + body)


def subscribe(packet_id, topics, qos=1):
    """SUBSCRIBE (3.8) to all topics at once."""
    wanted = b"".join([_text(topic) + bytes((qos,)) for topic in topics])
    return _packet(0x82, struct.pack(">H", packet_id) + wanted)


def publish(topic, payload, qos=0, packet_id=0, retain=False):
    """PUBLISH (3.3); QoS 1 takes a packet id of 1 to 65535."""
    ident = struct.pack(">H", packet_id) if qos else b""
    return _packet(0x30 | qos << 1 | (1 if retain else 0), _text(topic) + ident + payload)


def puback(packet_id):
    return _packet(0x40, struct.pack(">H", packet_id))


def pingreq():
    return b"\xc0\x00"


def disconnect():
    return b"\xe0\x00"


def take_packet(buf):
    """Remove the first whole packet from the bytearray: (first byte, body); None if incomplete."""
    size, at = _remaining_length(buf)
    if size is None or len(buf) < at + size:
        return None
    first, body = buf[0], bytes(buf[at : at + size])
    buf[: at + size] = b""
    return first, body


def _remaining_length(buf):
    """(length, offset of the body), or (None, 0) while it is incomplete (2.2.3)."""
    size = 0
    for i in range(1, len(buf)):
        size |= (buf[i] & 0x7F) << 7 * (i - 1)
        if size > MAX_PACKET:
            raise MqttError(R_MALFORMED, "packet of %d bytes, at most %d" % (size, MAX_PACKET))
        if not buf[i] & 0x80:
            return size, i + 1
        if i == 4:
            raise MqttError(R_MALFORMED, "remaining length has more than 4 bytes")
    return None, 0


def parse_connack(body):
    """None, or MqttError where the broker refuses (3.2.2.3)."""
    if len(body) != 2:
        raise MqttError(R_MALFORMED, "CONNACK of %d bytes" % len(body))
    if body[1]:
        raise MqttError(R_REFUSED, "broker refuses: return code %d" % body[1])


def parse_suback(body):
    """Packet id; MqttError where a subscription is refused (3.9.3)."""
    if len(body) < 3:
        raise MqttError(R_MALFORMED, "SUBACK of %d bytes" % len(body))
    if max(body[2:]) > 2:
        raise MqttError(R_REFUSED, "broker refuses the subscription")
    return parse_packet_id(body)


def parse_packet_id(body):
    if len(body) < 2:
        raise MqttError(R_MALFORMED, "packet without id")
    return body[0] << 8 | body[1]


def parse_publish(first, body):
    """The Message in a PUBLISH (3.3); MqttError where it is malformed."""
    qos = first >> 1 & 3
    at = 2 + (body[0] << 8 | body[1]) if len(body) >= 2 else 2
    end = at + (2 if qos else 0)
    if qos > 1 or len(body) < end:  # QoS 2 was never subscribed
        raise MqttError(R_MALFORMED, "PUBLISH of %d bytes with QoS %d" % (len(body), qos))
    try:
        topic = str(body[2:at], "utf-8")
    except UnicodeError:
        raise MqttError(R_MALFORMED, "topic is not UTF-8")
    packet_id = parse_packet_id(body[at:end]) if qos else 0
    return Message(topic, body[end:], qos, packet_id, bool(first & 1))


def _packet(first, body):
    head = bytearray((first,))
    size = len(body)
    while True:
        head.append(size & 0x7F | (0x80 if size > 0x7F else 0))
        size >>= 7
        if not size:
            return bytes(head) + body


def _field(data):
    return struct.pack(">H", len(data)) + data


def _text(text):
    return _field(text.encode())
