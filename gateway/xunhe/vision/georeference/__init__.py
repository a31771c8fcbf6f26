"""A pixel of a moving camera's picture becomes a position on the water, and back.

Axes on the ground are metres east and north of the camera; a camera's own are right, down and
forward. The earth is flat over the few hundred metres that a picture shows, and as large as the
WGS-84 ellipsoid says.
"""
