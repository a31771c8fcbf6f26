"""`xunhe bench desk`: a hundred thousand tickets through the real API on one core."""
