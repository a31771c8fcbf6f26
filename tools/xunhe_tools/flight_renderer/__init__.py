"""A rendered flight over a river, with the truth of everything in it.

Its own projection (OpenCV's `projectPoints` with distortion) and its own geodesy (through
earth-centred coordinates): nothing is shared with the code that it is to test.

Positions are metres east, north and up of an origin on the water; angles as on a gimbal: yaw
clockwise from north, pitch 0 at the horizon and -90 straight down, roll with the right side down.
"""
