"""Where a flight is, once the desk has it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """Its id; `is_new` is false where it had come before; `url` of the gateway, if it has one."""

    id: int
    is_new: bool
    url: str = ""

    @property
    def page(self) -> str:
        """The address of its page."""
        return f"{self.url}/flights/{self.id}"
