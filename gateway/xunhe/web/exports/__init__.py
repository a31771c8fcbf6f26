"""Whole tables for other programs and for spreadsheets: CSV and GeoJSON, streamed."""
