"""MAVLink telemetry: logs of ground stations (.tlog), of ArduPilot's flash (.bin), live frames.

Frames are decoded by pymavlink's generated dialect (MIT), unmodified. Its log readers are not used:
that of .bin is marked GPL, and both open their own files and clocks. Both kinds of message become
the same facts, and facts become poses in one place.
"""
