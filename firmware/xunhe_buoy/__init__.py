"""Firmware of the xunhe buoy. Runs under MicroPython; the pure modules also run in the gateway."""
