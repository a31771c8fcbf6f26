"""Whether a buoy lives on its panel: loads, sun and cell, day by day. All calculated."""
