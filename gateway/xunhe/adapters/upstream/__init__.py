"""Links to platforms and programs of others."""
