"""`xunhe patrol …`: flights along the river."""
