"""The whole chain on real parts."""
