"""Writes record.json: an encoder of its own (struct, hmac, zlib), so that two agree, not one.

python tests/vectors/make_record.py
"""

import hashlib
import hmac
import json
import struct
import zlib
from pathlib import Path

FLAGS = [1, 2, 3, 4, 9]
KEY = bytes(range(32))
DEVICE = bytes.fromhex("02a1b2c3d4e5")


def body(dt, scaled, flags):
    code = 0
    for flag in flags:
        code = code * 5 + FLAGS.index(flag)
    bits = (5 ** len(flags) - 1).bit_length()
    word = (dt << bits | code).to_bytes((12 + bits + 7) // 8, "big")
    return word + b"".join(struct.pack(">h", -32768 if v is None else v) for v in scaled)


def signed(data):
    return data + hmac.new(KEY, data, hashlib.sha256).digest()[:12]


def frame(records, profile=32, quality=2, lead=0x11):
    boot, seq, time_s = records[0][:3]
    data = struct.pack(">BB6sHII", lead, quality << 6 | profile, DEVICE, boot, seq, time_s)
    before = time_s
    for _, _, time_s, scaled, flags in records:
        data += body(time_s - before, scaled, flags)
        before = time_s
    return signed(data)


def ack(boot, seq, count, refused, lead=0x12):
    bits = sum(1 << (s - seq) for s in refused).to_bytes((count + 7) // 8, "little")
    return signed(struct.pack(">B6sHIB", lead, DEVICE, boot, seq, count) + bits)


def slot(record, profile=32, quality=2):
    boot, seq, time_s, scaled, flags = record
    data = struct.pack(">BHII", quality << 6 | profile, boot, seq, time_s) + body(0, scaled, flags)
    return data + struct.pack(">I", zlib.crc32(data))


T = 1_760_000_000
PLAIN = (7, 41, T, [2034, 7412, 8120, 55, 3950], [1, 1, 1, 1, 1])
GAPS = (7, 42, T + 120, [2031, None, 8090, None, 3949], [1, 9, 3, 9, 1])
EDGES = (7, 43, T + 120 + 4095, [-32767, 32767, 0, -1, 1], [4, 2, 9, 3, 1])
LAST = (65535, 2**32 - 1, 2**32 - 1, [0, 0, 0, 0, 0], [9, 9, 9, 9, 9])


def batch_vector(name, records, quality=2, profile=32):
    return {
        "name": name,
        "profile": profile,
        "time_quality": quality,
        "records": records,
        "frame": frame(records, profile, quality).hex(),
    }


def turned(data, at, mask=1):
    data = bytearray(data)
    data[at] ^= mask
    return bytes(data)


good = frame([PLAIN, GAPS])
one = (1, 5, T, [100], [1])
impossible = struct.pack(">BB6sHII", 0x11, 0xA0, DEVICE, 7, 41, T) + b"\x00\x0f\xff" + bytes(10)
vectors = {
    "key": KEY.hex(),
    "device": DEVICE.hex(),
    "batches": [
        batch_vector("one record", [PLAIN]),
        batch_vector("values missing, flags mixed", [PLAIN, GAPS]),
        batch_vector("greatest gap, ends of int16", [PLAIN, GAPS, EDGES]),
        batch_vector("ends of every counter, clock never set", [LAST], quality=0),
        batch_vector("one value", [one], quality=1, profile=0),
        batch_vector("six values", [(1, 5, T, [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 9, 1])], profile=40),
    ],
    "bad_batches": [
        {"name": "cut short", "reason": "mac", "frame": good[:-13].hex()},
        {"name": "a head alone", "reason": "length", "frame": good[:30].hex()},
        {"name": "one byte too many", "reason": "length", "frame": (good + b"\0").hex()},
        {"name": "longer than any frame", "reason": "length", "frame": (good + bytes(2048)).hex()},
        {"name": "value changed", "reason": "mac", "frame": turned(good, 25).hex()},
        {"name": "sequence changed", "reason": "mac", "frame": turned(good, 13).hex()},
        {"name": "MAC changed", "reason": "mac", "frame": turned(good, -1).hex()},
        {"name": "version 2", "reason": "version", "frame": frame([PLAIN], lead=0x21).hex()},
        {"name": "an ack's kind", "reason": "kind", "frame": frame([PLAIN], lead=0x12).hex()},
        {"name": "seven values", "reason": "profile", "frame": turned(good, 1, 0x10).hex()},
        {"name": "flag code too great", "reason": "flags", "frame": signed(impossible).hex()},
    ],
    "slots": [
        {"name": n, "profile": 32, "time_quality": 2, "record": r, "slot": slot(r).hex()}
        for n, r in (("plain", PLAIN), ("gaps", GAPS), ("edges", EDGES), ("last", LAST))
    ],
    "bad_slots": [
        {"name": "blank", "slot": "ff" * 32},
        {"name": "zeros", "slot": "00" * 32},
        {"name": "torn", "slot": (slot(PLAIN)[:20] + b"\xff" * 12).hex()},
        {"name": "bit lost", "slot": (turned(slot(PLAIN), 12, 0x80) + b"\xff" * 4).hex()},
    ],
    "acks": [
        {"name": n, "boot": 7, "seq": 41, "count": c, "refused": r, "frame": ack(7, 41, c, r).hex()}
        for n, c, r in (
            ("one", 1, []),
            ("ten, two refused", 10, [41, 50]),
            ("a hundred", 100, [140]),
            ("eight refused", 8, list(range(41, 49))),
        )
    ],
    "bad_acks": [
        {"name": "short", "reason": "length", "frame": ack(7, 41, 1, [])[:26].hex()},
        {"name": "bits missing", "reason": "length", "frame": signed(ack(7, 41, 9, [])[:15]).hex()},
        {"name": "changed", "reason": "mac", "frame": turned(ack(7, 41, 1, []), 12).hex()},
        {"name": "other device", "reason": "mac", "frame": turned(ack(7, 41, 1, []), 3).hex()},
        {"name": "readings", "reason": "kind", "frame": frame([PLAIN]).hex()},
        {"name": "version 3", "reason": "version", "frame": ack(7, 41, 1, [], lead=0x32).hex()},
    ],
    # RFC 4231, test cases 1, 2 and 3.
    "hmac_sha256": [
        {
            "key": "0b" * 20,
            "data": b"Hi There".hex(),
            "mac": "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        },
        {
            "key": b"Jefe".hex(),
            "data": b"what do ya want for nothing?".hex(),
            "mac": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        },
        {
            "key": "aa" * 20,
            "data": "dd" * 50,
            "mac": "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        },
    ],
}

if __name__ == "__main__":
    text = json.dumps(vectors, indent=1) + "\n"
    Path(__file__).with_name("record.json").write_text(text)
