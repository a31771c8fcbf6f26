"""Why a command at a buoy ends early. Each error says what happened and what to type next.

Exception
└── BuoyError
    ├── PortError       the port cannot be opened: `kind` says why
    ├── CableError      the port went away
    │   └── SilentError     it is there, and nothing answers in time
    ├── RefusedError    the buoy said no: `reason` is its own word
    └── StopError       this tool goes no further, and nothing was changed at the buoy
"""

from enum import StrEnum

# The next step where nothing but the line was wrong; the screen adds the command that was typed.
AGAIN = "检查线，再运行同一条命令 / check the cable and run the same command again"


SAFE_MODE = "not in safe mode"  # firmware/CONSOLE.md
_CRASHED = "它一再崩溃，看记录 / it crashed again and again, see why: xunhe buoy logs"


class BuoyError(Exception):
    """`happened` and `next_step` are for people, Chinese and English; the latter may be empty."""

    def __init__(self, happened: str, next_step: str = "") -> None:
        super().__init__(happened)
        self.happened = happened
        self.next_step = next_step
        self.again_with: tuple[str, ...] | None = () if next_step == AGAIN else None

    def with_next(self, next_step: str, again_with: tuple[str, ...] | None = None) -> "BuoyError":
        """The same error where a command knows better what continues it.

        `again_with`: that is the command that was typed, with these words added.
        """
        self.next_step = next_step
        self.again_with = () if next_step == AGAIN else again_with
        return self


class PortTrouble(StrEnum):
    """Why a port cannot be opened."""

    GONE = "gone"
    BUSY = "busy"
    RIGHTS = "rights"
    OTHER = "other"


class PortError(BuoyError):
    def __init__(self, kind: PortTrouble, happened: str, next_step: str) -> None:
        super().__init__(happened, next_step)
        self.kind = kind


class CableError(BuoyError):
    """The line broke."""


class SilentError(CableError):
    """The line is there, and nothing came in time."""


class RefusedError(BuoyError):
    """The buoy's own refusal."""

    def __init__(self, reason: str) -> None:
        next_step = _CRASHED if reason == SAFE_MODE else ""
        super().__init__(f"浮标拒绝 / the buoy refuses: {reason}", next_step)
        self.reason = reason


class StopError(BuoyError):
    """Going on would do harm, or could not succeed."""
