"""How much a province's desk takes in, by workers and by history; the plan on paper from it."""
