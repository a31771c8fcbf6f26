"""Open311 GeoReport v2 (https://wiki.open311.org/GeoReport_v2) at /open311/v2.

Programs of others send citizens' reports and show how they stand. What goes out names no person and
repeats nobody's words; what accuses somebody goes out only after a person confirmed it.
"""
