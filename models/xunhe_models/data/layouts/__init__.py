"""Labelled pictures as others store them, one file a layout."""
