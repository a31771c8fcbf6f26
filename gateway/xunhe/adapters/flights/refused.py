"""Why a flight is not taken in, or a candidate not named."""

from xunhe.desk.refused import RefusedError


class FlightError(RefusedError):
    """It cannot have been so, or cannot be placed."""
