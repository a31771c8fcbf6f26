"""Whether the buoy still lies at its anchor. Pure: positions in, an alert or nothing out.

The receiver wanders by some metres, more beside a steep bank: one fix outside the circle is no
drift. GNSS heights and water levels play no part.
"""

import math

EARTH_M = 6371008.8  # mean radius, IUGG
OUTSIDE = 2  # fixes in a row that make a drift
BACK = 0.8  # of the radius: inside of it the drift is over


def distance_m(lat, lon, other_lat, other_lon):
    """Metres between two WGS-84 positions on a sphere: 0.6 % off at worst, by haversine."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    a = math.sin((other_phi - phi) / 2) ** 2
    b = math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(a + math.cos(phi) * math.cos(other_phi) * b))


def follow(settings, kept, lat, lon):
    """(what changed or None, metres from the anchor, what to keep) of an Anchor's next fix."""
    anchor = Anchor(settings, kept)
    changed = anchor.take(lat, lon)
    return changed, anchor.away_m, anchor.to_json()


class Anchor:
    """Follows one fix after another. `settings` holds the anchor's position, None: not watched."""

    def __init__(self, settings, kept=None):
        self._settings = settings
        self.is_adrift, self._outside = kept or (False, 0)
        self.away_m = None  # at the last fix

    def to_json(self):
        return self.is_adrift, self._outside

    def take(self, lat, lon):
        """What changed: "adrift", "at_anchor" again, or None."""
        wanted = self._settings
        if wanted.anchor_lat is None:
            self.is_adrift, self._outside = False, 0
            return None
        self.away_m = away_m = distance_m(wanted.anchor_lat, wanted.anchor_lon, lat, lon)
        self._outside = self._outside + 1 if away_m > wanted.anchor_radius_m else 0
        was_adrift = self.is_adrift
        if self._outside >= OUTSIDE:
            self.is_adrift = True
        elif away_m < BACK * wanted.anchor_radius_m:
            self.is_adrift = False
        if self.is_adrift == was_adrift:
            return None
        return "adrift" if self.is_adrift else "at_anchor"
