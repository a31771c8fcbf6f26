"""What the buoy tells about itself: counters, never payloads or secrets."""

FIRMWARE = "0.1.0"


def describe(parts):
    """The status as a dict of JSON values; counters run since boot, dropped since formatting."""
    ring, uplink = parts.ring, parts.uplink
    return {
        "device": parts.settings.device.hex(),
        "boot": parts.boot,
        "firmware": FIRMWARE,
        "mode": parts.mode,
        "next_seq": ring.next_seq,
        "pending": ring.pending_count,
        "acknowledged": uplink.counters["acknowledged"],
        "refused": uplink.counters["refused"],
        "bad_acks": uplink.counters["bad_acks"],
        "connects": uplink.counters["connects"],
        "dropped": ring.dropped,
        "torn": ring.torn,
        "erases": ring.erases,
        "probes": parts.probes,
        "late": parts.schedule.late if parts.schedule else 0,
        "missed": parts.schedule.missed if parts.schedule else 0,
        "battery_v": round(parts.board.battery_v(), 3),
    }
