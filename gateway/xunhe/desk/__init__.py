"""The duty desk: who answers for a problem, and until when."""
