"""What the water says: classes, and later quality control, warning and tracing. Pure."""
