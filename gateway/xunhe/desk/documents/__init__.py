"""Papers of the desk: what they say and how they are numbered; nothing here draws them."""
