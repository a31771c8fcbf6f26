"""Faces and number plates in pictures: found, and made unreadable."""
