"""Calculations and drawings of the hardware: power, floating, cameras, sheets."""
