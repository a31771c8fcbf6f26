"""HJ 212: the codec, the field side, the receiving side."""
