"""What comes in from stations of others."""
