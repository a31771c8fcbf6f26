"""How much litter a stretch of 100 m has, as a colour: pale to dark, told apart without hue too."""

STEPS = ((1, "#fff3bf"), (3, "#ffd43b"), (6, "#ff922b"), (11, "#e8590c"), (21, "#a61e4d"))
CLEAN = "#b2d8e8"


def heat(count: int) -> str:
    """Of so many pieces."""
    return next((colour for least, colour in reversed(STEPS) if count >= least), CLEAN)
