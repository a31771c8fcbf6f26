"""`xunhe bench patrol`."""
