"""What the water says, measured on virtual water."""
