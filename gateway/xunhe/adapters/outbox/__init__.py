"""The outbox: what was raised leaves once for every destination, whatever fails on the way."""
