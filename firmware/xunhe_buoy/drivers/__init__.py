"""Drivers, one file a chip or probe family; the bus is injected."""
