"""An SRT file as blocks: a number, a time line that may be missing, and text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xunhe.domain.telemetry import Refusal

_NUMBER = re.compile(r"\d{1,9}$", re.ASCII)
_TIMES = re.compile(
    r"(\d{1,3}):(\d{2}):(\d{2})[,.](\d{1,3})\s*-->\s*(\d{1,3}):(\d{2}):(\d{2})[,.](\d{1,3})$",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One subtitle; `line`, from 1, is that of its number, `times_s` (start, end) or None."""

    line: int
    times_s: tuple[float, float] | None
    lines: tuple[str, ...]

    @property
    def text_line(self) -> int:
        """The line on which the text begins."""
        return self.line + (1 if self.times_s is None else 2)


def blocks(text: str) -> Iterator[Block | Refusal]:
    """Blocks, and what is none, in the order of the file; `text` without a byte order mark."""
    for number, lines in _chunks(text):
        if not _NUMBER.match(lines[0]):
            yield Refusal("此处应为字幕序号", "a subtitle's number is missing here", number)
        elif len(lines) == 1:
            yield Refusal("只有序号，内容被截断", "a number and nothing after it: cut off", number)
        elif "-->" in lines[1]:
            yield _timed(number, lines)
        else:
            yield Block(number, None, tuple(lines[1:]))


def _timed(number: int, lines: list[str]) -> Block | Refusal:
    times = _TIMES.match(lines[1])
    if times is None:
        return Refusal("时间行无法读取", "the time line cannot be read", number + 1)
    if len(lines) == 2:
        return Refusal("有时间而无内容", "times and nothing after them: cut off", number + 1)
    start_s, end_s = _seconds(*times.group(1, 2, 3, 4)), _seconds(*times.group(5, 6, 7, 8))
    return Block(number, (start_s, end_s), tuple(lines[2:]))


def _seconds(hours: str, minutes: str, seconds: str, fraction: str) -> float:
    whole = 3600 * int(hours) + 60 * int(minutes) + int(seconds)
    return float(whole + int(fraction) / 10 ** len(fraction))


def _chunks(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, lines) between blank lines. A number right before times begins one as well."""
    begin, chunk = 0, list[str]()
    lines = [line.strip() for line in text.splitlines()]
    for i, line in enumerate(lines):
        ends = not line or (
            _NUMBER.match(line) is not None and i + 1 < len(lines) and "-->" in lines[i + 1]
        )
        if ends and chunk:
            yield begin, chunk
            chunk = []
        if line:
            begin = begin if chunk else i + 1
            chunk.append(line)
    if chunk:
        yield begin, chunk
