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


def ack(boot, seq, count, refused, lead=0x12, time_s=0):
    bits = sum(1 << (s - seq) for s in refused).to_bytes((count + 7) // 8, "little")
    return signed(struct.pack(">B6sHIBI", lead, DEVICE, boot, seq, count, time_s) + bits)


def report(number, body, lead=0x13):
    return signed(struct.pack(">B6sHI", lead, DEVICE, 7, number) + body)


def command(counter, body, lead=0x14):
    return signed(struct.pack(">B6sI", lead, DEVICE, counter) + body)


def chunk(release, offset, data, lead=0x15):
    return signed(struct.pack(">B6sII", lead, DEVICE, release, offset) + data)


def slot(record, profile=32, quality=2):
    boot, seq, time_s, scaled, flags = record
    data = struct.pack(">BHII", quality << 6 | profile, boot, seq, time_s) + body(0, scaled, flags)
    return data + struct.pack(">I", zlib.crc32(data))


def entry(record, raw):
    scaled = b"".join(struct.pack(">h", -32768 if v is None else v) for v in raw)
    data = slot(record, 8 * (len(raw) - 1))[:-4] + scaled
    return data + struct.pack(">I", zlib.crc32(data))


T = 1_760_000_000
PLAIN = (7, 41, T, [2034, 7412, 8120, 55, 3950], [1, 1, 1, 1, 1])
GAPS = (7, 42, T + 120, [2031, None, 8090, None, 3949], [1, 9, 3, 9, 1])
EDGES = (7, 43, T + 120 + 4095, [-32767, 32767, 0, -1, 1], [4, 2, 9, 3, 1])
LID = b'{"type": "event", "event": "lid", "open": true}'
SET = b'{"set": {"batch": 4}}'
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
    "entries": [
        {
            "name": n,
            "profile": 8 * (len(raw) - 1),
            "time_quality": 2,
            "record": r,
            "raw": raw,
            "entry": entry(r, raw).hex(),
        }
        for n, r, raw in (
            ("plain", PLAIN, [2034, -1773, 4500, 55, 3950]),
            ("no raw value", GAPS, [None] * 5),
            ("one value", (1, 5, T, [100], [1]), [-32767]),
            ("six values", (1, 5, T, [1, 2, 3, 4, 5, 6], [1] * 6), [6, 5, 4, 3, 2, 32767]),
        )
    ],
    "bad_slots": [
        {"name": "blank", "slot": "ff" * 32},
        {"name": "zeros", "slot": "00" * 32},
        {"name": "torn", "slot": (slot(PLAIN)[:20] + b"\xff" * 12).hex()},
        {"name": "bit lost", "slot": (turned(slot(PLAIN), 12, 0x80) + b"\xff" * 4).hex()},
    ],
    "acks": [
        {
            "name": n,
            "boot": 7,
            "seq": 41,
            "count": c,
            "refused": r,
            "time_s": t,
            "frame": ack(7, 41, c, r, time_s=t).hex(),
        }
        for n, c, r, t in (
            ("one", 1, [], 0),
            ("ten, two refused", 10, [41, 50], T),
            ("a hundred", 100, [140], T),
            ("eight refused", 8, list(range(41, 49)), 2**32 - 1),
        )
    ],
    "bad_acks": [
        {"name": "short", "reason": "length", "frame": ack(7, 41, 1, [])[:30].hex()},
        {"name": "bits missing", "reason": "length", "frame": signed(ack(7, 41, 9, [])[:19]).hex()},
        {"name": "changed", "reason": "mac", "frame": turned(ack(7, 41, 1, []), 12).hex()},
        {"name": "other device", "reason": "mac", "frame": turned(ack(7, 41, 1, []), 3).hex()},
        {"name": "readings", "reason": "kind", "frame": frame([PLAIN]).hex()},
        {"name": "version 3", "reason": "version", "frame": ack(7, 41, 1, [], lead=0x32).hex()},
    ],
    "reports": [
        {"number": n, "boot": 7, "body": b.hex(), "frame": report(n, b).hex()}
        for n, b in ((0, LID), (2**32 - 1, b"x" * 900))
    ],
    "receipts": [{"boot": 7, "number": 12, "frame": report(12, b"", lead=0x16).hex()}],
    "commands": [
        {"counter": n, "body": b.hex(), "frame": command(n, b).hex()}
        for n, b in ((1, SET), (2**32 - 1, b"{}"))
    ],
    "chunks": [
        {"release": 3, "offset": n, "data": d.hex(), "frame": chunk(3, n, d).hex()}
        for n, d in ((0, b"\0"), (1024, bytes(range(256)) * 4))
    ],
    "bad_reports": [
        {"name": "no body", "reason": "length", "frame": report(1, b"").hex()},
        {"name": "body too long", "reason": "length", "frame": report(1, b"x" * 901).hex()},
        {"name": "a command's kind", "reason": "kind", "frame": report(1, LID, lead=0x14).hex()},
        {"name": "version 2", "reason": "version", "frame": report(1, LID, lead=0x23).hex()},
        {"name": "number changed", "reason": "mac", "frame": turned(report(1, LID), 12).hex()},
        {"name": "body changed", "reason": "mac", "frame": turned(report(1, LID), 20).hex()},
    ],
    "bad_receipts": [
        {"name": "with a body", "reason": "length", "frame": report(1, LID, lead=0x16).hex()},
        {"name": "a report's kind", "reason": "length", "frame": report(1, LID).hex()},
        {"name": "other device", "reason": "mac", "frame": turned(report(1, b"", 0x16), 2).hex()},
    ],
    "bad_commands": [
        {"name": "no body", "reason": "length", "frame": command(1, b"").hex()},
        {"name": "body too long", "reason": "length", "frame": command(1, b"x" * 901).hex()},
        {"name": "a report's kind", "reason": "kind", "frame": command(1, SET, lead=0x13).hex()},
        {"name": "other device", "reason": "mac", "frame": turned(command(1, SET), 3).hex()},
        {"name": "counter changed", "reason": "mac", "frame": turned(command(1, SET), 10).hex()},
    ],
    "bad_chunks": [
        {"name": "no data", "reason": "length", "frame": chunk(3, 0, b"").hex()},
        {"name": "data too long", "reason": "length", "frame": chunk(3, 0, bytes(1025)).hex()},
        {"name": "a command's kind", "reason": "kind", "frame": chunk(3, 0, SET, 0x14).hex()},
        {"name": "offset changed", "reason": "mac", "frame": turned(chunk(3, 0, SET), 14).hex()},
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
