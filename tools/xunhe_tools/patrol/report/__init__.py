"""`xunhe patrol report`: a film of a drone, and its telemetry, as findings and a report."""
