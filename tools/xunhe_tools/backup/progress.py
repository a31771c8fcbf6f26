"""How far a long command has come: a bar for a person at a terminal, nothing for a script."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from xunhe.adapters.backup.reading_back import Tell


@contextmanager
def shown() -> Iterator[Tell]:
    """A function that is told the stage, the bytes done, and all of them (0: not known)."""
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("")

        def tell(stage: str, done: int, total: int) -> None:
            progress.update(task, description=stage, completed=done, total=total or None)

        yield tell
