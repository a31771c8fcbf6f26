"""Supervision at the desk: what the log says is read, a rule decides, an entry tells it.

Every function works in the caller's transaction; an actor is the code of an office.
"""
