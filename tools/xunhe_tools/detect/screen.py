"""What people see of a run: a bar while it goes on, a table and the counts at its end."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from xunhe_models.images import Reason
from xunhe_models.marking import LABELS
from xunhe_models.videos import duration_s
from xunhe_tools.detect.line import Line, alarms
from xunhe_tools.detect.sources import Source

_MAX_ROWS = 200
_REASONS: dict[str, str] = {
    Reason.EMPTY: "空文件",
    Reason.UNKNOWN_FORMAT: "格式未知",
    Reason.TRUNCATED: "不完整",
    Reason.DAMAGED: "损坏",
    Reason.TOO_LARGE: "过大",
    Reason.UNSUPPORTED: "不支持",
    Reason.NO_PICTURES: "没有画面",
    Reason.NO_ACCESS: "无法访问",
}


@dataclass(slots=True)
class Tally:
    """What a run has counted so far. `rows` are the lines that people want to see."""

    frames: int = 0
    boxes: int = 0
    alarms: int = 0
    failed: int = 0
    rows: list[Line] = field(default_factory=list)
    left_out: int = 0

    def add(self, line: Line) -> None:
        """Count a line; it becomes a row where it has an alarm or an error, or is the first."""
        raised = len(alarms(line))
        self.failed += "error" in line
        self.frames += "error" not in line
        self.boxes += len(line.get("detections", []))
        self.alarms += raised
        if len(self.rows) >= _MAX_ROWS:
            self.left_out += bool(raised)
        elif raised or "error" in line or self.frames == 1:
            self.rows.append(line)

    def sentence(self) -> str:
        """The counts, for the end of a run."""
        return (
            f"{self.frames} 帧 frames · {self.boxes} 框 boxes · {self.alarms} 报警 alarms ·"
            f" {self.failed} 文件失败 files failed"
        )


@contextmanager
def following(
    sources: list[Source], console: Console, tally: Tally
) -> Iterator[Callable[[int, Line], None]]:
    """A progress bar over files and, within a video, over its time; none for a single picture."""
    hidden = not console.is_terminal or not (len(sources) > 1 or sources[0].is_stream)
    columns = (
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} 文件 files"),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    lengths_s: dict[int, float | None] = {}
    with Progress(*columns, console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("", total=len(sources))

        def follow(number: int, line: Line) -> None:
            done = float(number)
            if not hidden and "time_s" in line:
                if number not in lengths_s:
                    lengths_s[number] = duration_s(sources[number].path)
                done += min(1.0, line["time_s"] / (lengths_s[number] or float("inf")))
            progress.update(task, completed=done, description=escape(tally.sentence()))

        yield follow


def print_table(tally: Tally, console: Console) -> None:
    """The frames with alarms and the files that failed."""
    table = Table("图像 image", "时间 time", "报警 alarms", "较弱 fainter", box=None)
    for line in tally.rows:
        time = f"{line['time_s']:.1f} s" if "time_s" in line else ""
        fainter = len(line.get("detections", [])) - len(alarms(line))
        table.add_row(escape(line.get("image", "")), time, _said(line), str(fainter))
    console.print(table)
    if tally.left_out:
        console.print(
            f"另有 {tally.left_out} 帧报警未列出，用 --json 取得全部 / {tally.left_out} more frames"
            " with alarms; --json has all"
        )


def _said(line: Line) -> str:
    if "error" in line:
        reason = line["error"].split(":")[0]
        return f"[red]{_REASONS.get(reason, '失败')}[/] / {escape(line['error'])}"
    counts = Counter(found["label"] for found in alarms(line))
    best = {found["label"]: found["score"] for found in reversed(alarms(line))}
    return "\n".join(
        f"{LABELS.get(label, '')} {escape(label)} ×{count} ≤ {best[label]:.2f}".strip()
        for label, count in counts.items()
    )
