"""What `xunhe doctor` finds: one check each, with what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check went."""

    OK = "ok"
    OPTIONAL = "optional"  # something works without it
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, what was found, and what to do."""

    name: str
    verdict: Verdict
    found: str
    next_step: str = ""


def fine(name: str, found: str) -> Finding:
    """Nothing to do."""
    return Finding(name, Verdict.OK, found)


def wrong(name: str, found: str, next_step: str) -> Finding:
    """Something a person has to mend."""
    return Finding(name, Verdict.MISSING, found, next_step)


def notable(name: str, found: str, next_step: str) -> Finding:
    """Works, but somebody should know."""
    return Finding(name, Verdict.OPTIONAL, found, next_step)
