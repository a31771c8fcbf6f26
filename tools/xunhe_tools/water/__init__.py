"""Commands about the water: external data, maintenance, the month's report."""
