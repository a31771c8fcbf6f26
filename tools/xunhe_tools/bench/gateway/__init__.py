"""`xunhe bench gateway`: what the gateway promises, under kills, crashes and load.

The truth is kept apart: `frames`, `fleet`, `ledger` and `checker` share no code with the gateway
or the firmware. They write and read the wire by its description, and the store by plain SQL.
"""
