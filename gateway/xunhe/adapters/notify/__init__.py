"""Notifications to people: who is told by which channel, and the channels themselves."""
