"""Settings by name, and nothing else: no code stays in RAM for their sake."""


class Section:
    """Its attributes are the settings, or sections of them."""

    def __init__(self, values):
        for name, value in values.items():
            setattr(self, name, value)


def plain(settings):
    """A Section with the attributes of an object of any class, and so for those inside it."""
    return Section({name: _value(value) for name, value in settings.__dict__.items()})


def _value(value):
    return plain(value) if hasattr(value, "__dict__") else value
