"""`xunhe sl651 …`."""
