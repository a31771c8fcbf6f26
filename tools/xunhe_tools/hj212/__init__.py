"""`xunhe hj212 …`."""
