"""`xunhe bench gateway`: nothing lost, nobody in."""
