"""What is fuzzed: a parser, the errors by which it refuses, and bytes to begin with."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """`run` parses bytes; any error but `refuses` is a finding. `seeds[0]` is understood."""

    name: str
    run: Callable[[bytes], object]
    refuses: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]

    def finding(self, data: bytes) -> Exception | None:
        """The error that should not have come, if one comes."""
        try:
            self.run(data)
        except self.refuses:
            return None
        except Exception as error:  # noqa: BLE001  whatever it is, it is what we look for
            return error
        return None
