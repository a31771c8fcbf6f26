"""Measurements: `xunhe bench …`. A bench goes the public way and never judges itself."""
