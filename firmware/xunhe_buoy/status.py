"""What the buoy tells about itself: counters, never payloads or secrets."""

FIRMWARE = "0.1.0"


def describe(board, settings, boot, ring, uplink, probes, schedule):
    """The status as a dict of JSON values; counters run since boot, dropped since formatting."""
    return {
        "device": settings.device.hex(),
        "boot": boot,
        "firmware": FIRMWARE,
        "next_seq": ring.next_seq,
        "pending": ring.pending_count,
        "acknowledged": uplink.acknowledged,
        "refused": uplink.refused,
        "bad_acks": uplink.bad_acks,
        "dropped": ring.dropped,
        "torn": ring.torn,
        "erases": ring.erase_counts()[1],
        "probes": {probe.name: probe.errors for probe in probes},
        "connects": uplink.connects,
        "late": schedule.late,
        "missed": schedule.missed,
        "battery_v": round(board.battery_v(), 3),
    }
