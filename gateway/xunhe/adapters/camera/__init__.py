"""Cameras: streams in, pictures and clips out."""
