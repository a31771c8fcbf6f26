"""The life of the data: backup, restore, export, retention, start, upgrade, and what watches it."""
