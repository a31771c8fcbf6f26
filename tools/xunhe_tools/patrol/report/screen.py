"""A report as it is made, for the person in front of it."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from xunhe.domain.flight import Flight
from xunhe_tools.patrol.report import facts, files, job
from xunhe_tools.patrol.report.order import Order


def reported(order: Order) -> Flight:
    """Makes the report and writes it, with a bar where somebody looks on. ReportError."""
    console = Console(stderr=True)
    columns = (
        TextColumn("查看画面 frames"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    hidden = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None)
        try:
            made = job.report(order, lambda done, of: bar.update(task, completed=done, total=of))
        except KeyboardInterrupt:
            console.print(
                "已中断；看过的画面已保存，用同样的命令继续"
                " / broken off; what was looked at is kept: the same command goes on from there"
            )
            raise
    flight = files.write(order, made)
    job.finish(order)
    return flight


def tell(flight: Flight, order: Order) -> None:
    """What was found, and where the report lies."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(facts.sentence(flight)[0])
    console.print(facts.sentence(flight)[1], style="dim")
    console.print(facts.coverage_words(flight)[0])
    if flight.findings:
        console.print(_table(flight))
    for name in ("report.html", "report.pdf"):
        console.print(str(order.out / name))


def _table(flight: Flight) -> Table:
    table = Table("编号 no.", "类别 kind", "位置 where", "数量 size", "时间 time", "对比 last")
    for row in facts.rows(flight):
        table.add_row(row.id, row.kind_zh, row.where, row.size, row.seen, row.status_zh)
    return table
