"""What a command shows: tables, steps and questions in Chinese and English, or one JSON object."""

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.prompt import Confirm, Prompt
from rich.table import Table

from xunhe_tools.buoy.errors import BuoyError

# Options that every command of the technician has.
PortOption = Annotated[
    str | None,
    typer.Option(
        "--port", envvar="XUNHE_PORT", help="串口，只有一个时可省 / needed where there are several"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="供脚本使用 / for scripts")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="只说会做什么 / say what would be done, do nothing")
]
YesOption = Annotated[bool, typer.Option("--yes", help="不再询问 / ask nothing")]


def bi(zh: str, en: str) -> str:
    """A text in both languages, Chinese first."""
    return f"{zh} / {en}"


class Screen:
    """Where a command speaks. With `as_json` it is silent until `result`."""

    def __init__(
        self, *, as_json: bool = False, asks: bool = True, console: Console | None = None
    ) -> None:
        self.as_json = as_json
        self.asks = asks and not as_json
        self.console = console or Console(highlight=False)

    # -- telling

    def title(self, zh: str, en: str) -> None:
        """The head of a wizard."""
        self._print(Panel(f"[bold]{zh}[/]\n{en}", expand=False))

    def step(self, number: int, of: int, zh: str, en: str) -> None:
        """A step of a wizard begins."""
        self._print(f"[bold cyan]{number}/{of}[/] {bi(zh, en)}")

    def say(self, zh: str, en: str) -> None:
        """A line."""
        self._print(f"  {bi(zh, en)}")

    def line(self, text: str) -> None:
        """A line that stands for itself."""
        self._print(text)

    def good(self, zh: str, en: str) -> None:
        """Something went well."""
        self._print(f"  [green]✓[/] {bi(zh, en)}")

    def warn(self, zh: str, en: str) -> None:
        """Something the technician should know."""
        self._print(f"  [yellow]![/] {bi(zh, en)}")

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table; heads are bilingual."""
        table = Table(*heads, box=None, header_style="bold")
        for row in rows:
            table.add_row(*row)
        self._print(table)

    def result(self, content: Mapping[str, Any]) -> None:
        """What a script reads: one object; a person has seen it already."""
        if self.as_json:
            typer.echo(json.dumps({"ok": True, **content}, ensure_ascii=False))

    def fail(self, error: BuoyError) -> None:
        """What happened, and what to type next."""
        next_step = error.next_step
        if error.again_with is not None:
            next_step += f": {shlex.join(['xunhe', *sys.argv[1:], *error.again_with])}"
        if self.as_json:
            content = {"ok": False, "happened": error.happened, "next": next_step}
            typer.echo(json.dumps(content, ensure_ascii=False))
            return
        self._print(f"[red]✗[/] {error.happened}")
        if next_step:
            self._print(f"  → {next_step}")

    # -- asking

    def ask(self, zh: str, en: str, default: str = "") -> str:
        """A word of the technician; the default where nothing may be asked."""
        if not self.asks:
            return default
        return Prompt.ask(f"  [bold]?[/] {bi(zh, en)}", console=self.console, default=default)

    def confirm(self, zh: str, en: str, *, default: bool = False) -> bool:
        """Yes or no; the default where nothing may be asked."""
        if not self.asks:
            return default
        return Confirm.ask(f"  [bold]?[/] {bi(zh, en)}", console=self.console, default=default)

    # -- long work

    def progress(self) -> Progress:
        """Bars; invisible in a script."""
        return Progress(
            TextColumn("  {task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=self.as_json,
        )

    def _print(self, what: object) -> None:
        if not self.as_json:
            self.console.print(what)


@contextmanager
def outcome(screen: Screen) -> Iterator[None]:
    """Ends the command with code 1 where a BuoyError comes out of the block."""
    try:
        yield
    except BuoyError as error:
        screen.fail(error)
        raise typer.Exit(1) from None
