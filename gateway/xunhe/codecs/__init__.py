"""Bytes ↔ values of other people's formats: no socket, no clock."""
