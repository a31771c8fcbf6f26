"""How a camera is reached: a state with its words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """How the connection is: a state and its words."""

    state: str
    detail_zh: str = ""
    detail_en: str = ""
