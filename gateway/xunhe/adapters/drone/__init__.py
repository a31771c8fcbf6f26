"""Drones: their telemetry out of files, pictures and sockets."""
