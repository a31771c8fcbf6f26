"""What people see of a run: a bar while it goes on, a table at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from xunhe_models.marking import LABELS
from xunhe_tools.watch.incidents import Book, Found

_SEVERITIES = {"minor": "一般", "major": "较重", "severe": "严重"}


@contextmanager
def following(console: Console, length_s: float | None) -> Iterator[Callable[[float, str], None]]:
    """A bar over the recording's time with what it has still to go; a clock for a stream."""
    left = TimeRemainingColumn() if length_s else TimeElapsedColumn()
    columns = (BarColumn(), TextColumn("{task.fields[at]}"), TextColumn("{task.description}"), left)
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("", total=length_s, at="")

        def follow(time_s: float, sentence: str) -> None:
            at = f"{time_s:.0f}" + (f"/{length_s:.0f} s" if length_s else " s")
            progress.update(task, completed=time_s, description=escape(sentence), at=at)

        yield follow


def print_table(book: Book, start_s: float, console: Console) -> None:
    """Every incident: what, where, from when to when, how much."""
    if not len(book):
        console.print("没有事件 / no incidents")
        return
    table = Table("事件 incident", "区 zone", "时间 time", "程度 severity", "说明 reason", box=None)
    for found in book:
        sight, kind = found.peak, found.opened.kind.value
        score = f"{found.score:.2f}"
        table.add_row(
            f"{found.number} {LABELS.get(kind, '')} {kind} {score}",
            escape(sight.zone),
            _span(found, start_s),
            f"{_SEVERITIES[found.severity.value]} {found.severity.value}",
            escape(f"{sight.reason_zh} / {sight.reason_en}"),
        )
    console.print(table)


def _span(found: Found, start_s: float) -> str:
    begun = f"{found.opened.started_s - start_s:.1f}"
    return f"{begun}–… s" if found.is_open else f"{begun}–{found.last.at_s - start_s:.1f} s"
