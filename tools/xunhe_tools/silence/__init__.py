"""Commands about silences."""
