"""Commands about the rules: check, explain, try; and the replay of recordings."""
