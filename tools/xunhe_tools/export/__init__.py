"""`xunhe export`: everything that a gateway holds, in open formats."""
