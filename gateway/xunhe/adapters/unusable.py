"""The end of a frame that cannot be used: it is kept with this reason, those behind it go on."""

from xunhe.domain.rejection import Reason


class UnusableError(Exception):
    """A frame without proof of its sender, or an authentic one of no use as a whole."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
