"""What a flight found: frames with their poses in, findings with their places out. No I/O.

Frames are chosen by how much they overlap (`choosing`), looked at in tiles over the water
(`looking`), what is seen is laid on the ground (`sighting`) and joined over frames there
(`joining`); an unrolled picture of the river (`ribbon`) shows coloured water (`plume`) and what has
changed on the banks (`bank_change`). `survey` puts these together.
"""
