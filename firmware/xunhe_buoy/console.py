"""One event, one line on standard output: what a technician on the bench and the tests read."""

import sys


def say(text):
    """Write the line out at once, so that nothing said is lost with the power."""
    sys.stdout.write(text + "\n")
    if hasattr(sys.stdout, "flush"):  # a board's console has none: it does not buffer
        sys.stdout.flush()
