"""What a pipeline makes of its newest frame, for people who look on."""

from dataclasses import dataclass, field

from xunhe.domain.camera_desk import Box, Labelled


@dataclass(frozen=True, slots=True)
class Glance:
    """Boxes in fractions of the picture.

    `gate`: where something has changed; `found`: what is followed; `outfalls`: state and strength
    0..1 by code; `limits`: the score from which a thing of each label always counts.
    """

    gate: tuple[Box, ...] = ()
    found: tuple[Labelled, ...] = ()
    outfalls: dict[str, tuple[str, float]] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)
