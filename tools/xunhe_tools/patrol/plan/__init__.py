"""A flight along a reach: what a drone needs to fly it, battery by battery.

Inside, places are metres (east, north) of the middle of the reach; outside WGS-84.
"""
