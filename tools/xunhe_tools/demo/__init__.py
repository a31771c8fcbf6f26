"""The demo: the virtual river, real MicroPython buoys and the gateway, together on this machine."""
