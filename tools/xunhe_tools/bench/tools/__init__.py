"""`xunhe bench tools`."""
