"""Flights of drones come to the desk: incidents, tickets, candidates, patrols."""
