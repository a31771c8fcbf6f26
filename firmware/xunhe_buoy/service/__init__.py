"""The technician's console: one JSON object a line in, one out. See firmware/CONSOLE.md."""
