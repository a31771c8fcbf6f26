"""`xunhe desk lights`, `circular`, `scores`, `lookback`, `report`."""
