"""`xunhe buoy …`: what a technician does with a buoy on a cable."""
