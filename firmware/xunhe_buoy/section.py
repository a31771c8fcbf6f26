"""Settings by name, and nothing else: no code stays in RAM for their sake."""


class Section:
    """Its attributes are the settings, or sections of them."""

    def __init__(self, values):
        for name, value in values.items():
            setattr(self, name, value)
