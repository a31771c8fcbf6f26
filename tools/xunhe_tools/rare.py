"""Functions of the firmware that a release keeps in files of their own: see shrink/part.py.

Each group is needed at one point of a cycle and nowhere near the others' points, so that never all
of them are in RAM. What runs often, or in the middle of much else, stays where it is. They take no
keywords and call no super().
"""

RARE = {
    "starting": {
        "care.py": "Care.__init__",
        "crashlog.py": "CrashLog.__init__",
        "instruments.py": "Instruments.__init__",
        "main.py": "Buoy.__init__",
        "parts.py": "Parts.__init__ Parts._build_probes Parts._build_plan _is_updating",
        "record.py": "profile_for",
        "ringlog.py": "RingLog.__init__",
    },
    "measuring": {
        "alarm.py": "Alarm.take",
        "counters.py": "Counters.see_heap",
        "instruments.py": "Instruments.measure",
        "main.py": "Buoy._keep_slot Buoy._measure Buoy._judge",
        "modes.py": "Modes.see_battery",
        "parts.py": "Parts.replan",
        "readings.py": "Readings.take",
    },
    "storing": {
        "flash_entry.py": "scale_raw pack",
        "log_sector.py": "pack_header",
        "readings.py": "Readings._entry Readings._raw",
        "record.py": "pack_slot",
        "ringlog.py": (
            "RingLog.append RingLog._open_next_sector RingLog._intend RingLog._write_header"
        ),
    },
    "beginning to talk": {
        "carriers/__init__.py": "build _link",
        "parts.py": "Parts._new_uplink",
        "carriers/mqtt.py": "MqttCarrier.__init__",
        "reports.py": "Reports.remember",
        "uplink.py": "Uplink.__init__ Uplink.remember",
    },
    "connecting": {
        "carriers/mqtt.py": "MqttCarrier.open",
        "mqtt.py": "Client.__init__ Client.connect Client.subscribe Client._wait_for",
        "mqtt_codec.py": "connect subscribe parse_connack parse_suback",
    },
    "telling the status": {"uplink.py": "Uplink._publish_status"},
    "sending": {
        "agenda.py": "Agenda.next_batch",
        "message.py": "encode_report",
        "record.py": "encode_batch",
        "ringlog.py": "RingLog.pending",
        "uplink.py": "Uplink._send_batch Uplink._send_report",
    },
    "handling": {
        "mqtt.py": "Client.close Client._handle",
        "mqtt_codec.py": "puback disconnect parse_publish",
    },
    "taking": {
        "message.py": "decode_receipt decode_command decode_chunk",
        "uplink.py": "Uplink._take_command Uplink._take_update Uplink._take_receipt",
    },
    "acknowledged": {
        "agenda.py": "Agenda.freed",
        "clock.py": "Clock.hear",
        "record.py": "decode_ack",
        "uplink.py": "Uplink._decoded Uplink._count_freed",
    },
    "freeing": {
        "record.py": "slot_identity",
        "ringlog.py": "RingLog.acknowledge RingLog._holding RingLog._is_before RingLog._free",
    },
    "failing": {"retry.py": "Retry.failed retry_pause_ms", "uplink.py": "Uplink._go_down"},
    "diagnosing": {"care.py": "Care._tell_diagnostics"},
    "caring": {"care.py": "Care._look_at_position", "parts.py": "Parts._make_updates"},
    "asked for": {
        "main.py": "Buoy._answer_technician",
        "ringlog.py": "RingLog.kept",
    },
    "sleeping": {
        "main.py": "Buoy._sleep",
        "parts.py": "Parts._drop_uplink Parts.retain",
        "reports.py": "Reports.memory",
        "ringlog.py": "RingLog.snapshot",
        "uplink.py": "Uplink.memory",
        "visiting.py": "dismiss",
    },
    "starting the virtual board": {
        "boards/virtual/board.py": "reset_reason watchdog partition",
        "boards/virtual/virtual_flash.py": "Partition._make",
        "boards/virtual/virtual_rtc.py": "Rtc.__init__ Rtc._why _read",
    },
    "the virtual board's RTC": {
        "boards/virtual/board.py": "set_clock deep_sleep rtc_memory",
        "boards/virtual/virtual_rtc.py": "Rtc.save Rtc.read_memory Rtc.write_memory",
    },
    "the virtual board's wires": {
        "boards/virtual/board.py": "uart i2c onewire modem_power wifi_connect network_connect",
        "boards/virtual/virtual_network.py": "connect _connect",
    },
}
