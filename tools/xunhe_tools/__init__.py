"""Technician tools and the virtual river."""
