"""The console: pages, the JSON API and the live stream, all served from this machine."""
