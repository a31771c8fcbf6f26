"""`xunhe bench fuzz`."""
