"""What a pipeline has done, for the metrics. Everything counts up from its start."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counts:
    """Of views, and of the detector's `runs`.

    `skipped` came sooner than needed, `blind` in a night or without sight; `gated` were held
    against the background, of which `changed` had regions and `light` were a light change;
    `scanned` were looked at as a whole, `inferred` in parts.
    """

    received: int = 0
    skipped: int = 0
    blind: int = 0
    gated: int = 0
    changed: int = 0
    light: int = 0
    scanned: int = 0
    inferred: int = 0
    runs: int = 0
