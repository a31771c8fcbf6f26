"""Papers of the desk drawn as files, and the evidence package."""
