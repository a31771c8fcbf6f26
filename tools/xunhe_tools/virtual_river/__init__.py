"""The virtual river: simulated water, simulated probes, real serial lines.

It drives the probes' registers and nothing else. Whatever reads them reads the same wire
as on a real buoy, so the firmware, the gateway and the desk cannot tell the difference.
Nothing here imports `xunhe` or `xunhe_buoy`: a bench must not share formulae with what it judges.
"""
