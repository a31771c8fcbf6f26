"""What a camera sees: gate, detection, tracks, zones, outfalls. Frames in, sights out, no I/O."""
