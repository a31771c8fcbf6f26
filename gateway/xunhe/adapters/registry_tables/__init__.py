"""The registry as tables that people keep: CSV, Excel, GeoJSON, in and out."""
