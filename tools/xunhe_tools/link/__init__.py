"""Commands for what leaves the gateway."""
