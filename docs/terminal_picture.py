"""A command as a person types it at a terminal, and the picture of what stands there at the end."""

import html
import os
import pty
import re
import select
import subprocess
import sys
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

WIDTH = 104
_PATIENCE_S = 240.0
_QUESTION = re.compile(r"\?[^\n]*: ?$")
_SEQUENCE = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\r|\n")
_TEXT_LENGTH = re.compile(r'textLength="[\d.]+"([^>]*)>([^<]*)</text>')
_CELL = 12.2  # the width of a cell in rich's pictures
_FONT_FACE = re.compile(r"@font-face \{.*?\}", re.DOTALL)

Answer = Callable[[str], str]  # the question → what is typed


def typed(words: Sequence[str], folder: Path, env: Mapping[str, str], answer: Answer) -> str:
    """Run `xunhe …` in a terminal of its own; returns all that was written to it."""
    master, slave = pty.openpty()
    process = subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "xunhe_tools", *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        env={**os.environ, "COLUMNS": str(WIDTH), "TERM": "xterm-256color", **env},
        start_new_session=True,
    )
    os.close(slave)
    decode = getincrementaldecoder("utf-8")("replace").decode
    said, answered, end_s = "", 0, time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s and (piece := _read(master)) is not None:
        said += decode(piece)
        plain = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", said[answered:])
        if not piece and _QUESTION.search(plain):
            answered = len(said)
            os.write(master, answer(plain.rsplit("\n", 1)[-1]).encode() + b"\n")
    process.kill()
    process.wait()
    os.close(master)
    return said


def picture(command: str, said: str, file: Path) -> None:
    """What stands on the terminal at the end, as SVG without anything fetched from a network."""
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), command))
    for line in final_lines(said):
        console.print(Text.from_ansi(line), no_wrap=True, crop=True)
    svg = console.export_svg(title=" ".join(command.split()[:3]), theme=MONOKAI)
    file.write_text(_TEXT_LENGTH.sub(_whole_length, _FONT_FACE.sub("", svg)), "utf-8")


def _whole_length(text: re.Match[str]) -> str:
    """Rich counts characters where Chinese ones take two cells, and squeezes them together."""
    return f'textLength="{_CELL * cell_len(html.unescape(text[2])):.1f}"{text[1]}>{text[2]}</text>'


def final_lines(said: str) -> list[str]:
    """Lines as they stand after bars were drawn over each other: each keeps its colours."""
    lines, row, at = [""], 0, 0
    for match in _SEQUENCE.finditer(said):
        lines[row] += said[at : match.start()]
        at = match.end()
        row = _apply(lines, row, match)
    lines[row] += said[at:]
    return _without_end(lines)


def _apply(lines: list[str], row: int, match: re.Match[str]) -> int:
    """Carry out one control sequence; returns the row of the cursor."""
    if match[0] == "\n":
        if row + 1 == len(lines):
            lines.append("")
        return row + 1
    count, code = match[1] or "1", match[2]
    if code == "m":
        lines[row] += match[0]
    elif code == "K":
        lines[row] = ""
    elif code == "A":
        return max(0, row - int(count))
    return row


def _without_end(lines: list[str]) -> list[str]:
    while lines and not re.sub(r"\x1b\[[\d;]*m", "", lines[-1]).strip():
        lines.pop()
    return lines


def _read(master: int) -> bytes | None:
    """What came in the next moment; None when the command has ended."""
    if not select.select([master], [], [], 0.3)[0]:
        return b""
    try:
        return os.read(master, 65536)
    except OSError:
        return None
