"""Measurements of the firmware: what `xunhe bench firmware` prints."""
