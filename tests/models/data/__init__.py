"""Labelled data sets: layouts, checks, splits."""
