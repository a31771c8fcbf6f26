"""A data set's summary as tables for a person."""

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from xunhe_models.data.check import QUANTILES, Doubt, Summary
from xunhe_models.data.problems import Problem, Reason
from xunhe_models.data.splits import DuplicatesError, Split

_ROWS_SHOWN = 20
_EXAMPLES_SHOWN = 3

_REASONS = {
    Reason.MALFORMED: "标注无法读 / malformed label",
    Reason.MISSING_IMAGE: "缺图 / missing picture",
    Reason.UNREADABLE: "图不可读 / unreadable picture",
    Reason.SIZE_DIFFERS: "尺寸不符 / another size stated",
    Reason.UNKNOWN_CLASS: "未知类别 / unknown class",
    Reason.NO_AREA: "框无面积 / box without area",
    Reason.OUTSIDE: "框在图外 / box outside",
    Reason.CLIPPED: "框越界，已裁 / box cut at the border",
    Reason.SCALED: "框已按图缩放 / boxes scaled",
    Reason.DUPLICATE: "重复的框，已去 / box given twice",
    Reason.UNLABELLED: "无标注的图 / no labels",
}
_NEXT_STEPS = {
    Reason.UNKNOWN_CLASS: "--label CLASS=litter|vegetation_mat|outfall|unsure|(空 / nothing)",
    Reason.SIZE_DIFFERS: "改标注中的宽高 / correct width and height in the label file",
    Reason.UNREADABLE: "换一份原图 / fetch the picture again",
}
_DOUBTS = {
    Doubt.TINY: "边长小于 4 像素 / a side under 4 px",
    Doubt.HUGE: "占图 90% 以上 / over 90 % of the picture",
    Doubt.THIN: "长宽比大于 12 / aspect over 12",
    Doubt.DOUBLED: "同类框重叠 0.9 以上 / IoU over 0.9 with another",
}


def show(console: Console, summary: Summary) -> None:
    """All tables that have something to say."""
    boxes = sum(summary.boxes_by_class.values())
    console.print(
        f"[bold]{escape(summary.layout)}[/]: {summary.pictures:,} 张图 pictures,"
        f" {boxes:,} 个框 boxes, {summary.empty_pictures:,} 张无框 without any",
        soft_wrap=True,
    )
    for table in (_classes(summary), _sites(summary), _sizes(summary)):
        console.print(table)
    _say_size_of_boxes(console, summary)
    for title, lines in _worth_a_look(summary):
        console.print(f"[yellow]{title}[/] {len(lines)}")
        _print_examples(console, lines)
    _show_problems(console, summary.problems)


def show_split(console: Console, parts: Split) -> None:
    """The sides of a split that was accepted."""
    console.print(
        f"[green]✓[/] 划分 / split: 训练 train {len(parts.train)}, 测试 test {len(parts.test)}"
        f" ({_plain(', '.join(parts.test_sites))})"
    )


def show_refusal(console: Console, refusal: DuplicatesError) -> None:
    """Why a split was refused."""
    console.print("[red]✗ 划分两侧有重复的图 / the same pictures on both sides of the split[/]")
    console.print(_plain(str(refusal)), soft_wrap=True)


def _classes(summary: Summary) -> Table:
    rows = [(name, f"{n:,}") for name, n in summary.boxes_by_class.items()]
    return _table(("类别 class", "框 boxes"), rows)


def _sites(summary: Summary) -> Table:
    found = sorted(summary.sites.items(), key=lambda item: -item[1].pictures)
    rows = [(name, f"{count.pictures:,}", f"{count.boxes:,}") for name, count in found]
    return _table(("站点 site", "图 pictures", "框 boxes"), rows)


def _sizes(summary: Summary) -> Table:
    rows = [(size, f"{n:,}") for size, n in summary.picture_sizes.items()]
    return _table(("图像尺寸 picture size", "图 pictures"), rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None)
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left")
    for row in rows[:_ROWS_SHOWN]:
        table.add_row(*(_plain(cell) for cell in row))
    if len(rows) > _ROWS_SHOWN:
        table.add_row(f"… {len(rows) - _ROWS_SHOWN} 行 more")
    return table


def _say_size_of_boxes(console: Console, summary: Summary) -> None:
    if not summary.side_px:
        return
    pairs = zip(QUANTILES, summary.side_px, strict=True)
    spread = "  ".join(f"{100 * share:g}%: {side:.0f}" for share, side in pairs)
    small = summary.small_boxes / sum(summary.boxes_by_class.values())
    console.print(f"框边长 √面积 / box side √area, px  {spread}", soft_wrap=True)
    console.print(f"小于 32 像素 / under 32 px: {small:.0%}")


def _worth_a_look(summary: Summary) -> Iterable[tuple[str, list[str]]]:
    for doubt, title in _DOUBTS.items():
        found = [s for s in summary.suspicions if s.doubt is doubt]
        if found:
            yield f"可疑 / doubtful: {title}:", [f"{s.picture} #{s.box}" for s in found]
    if summary.same_files:
        yield "相同的文件 / equal files:", [" = ".join(names) for names in summary.same_files]
    if summary.near:
        lines = [f"{first} ≈ {second} ({bits} bits)" for first, second, bits in summary.near]
        yield "不同站点的近似图 / nearly equal pictures of different sites:", lines


def _show_problems(console: Console, problems: tuple[Problem, ...]) -> None:
    for reason, count in Counter(problem.reason for problem in problems).most_common():
        sign = "[red]✗[/]" if reason.loses else "[yellow]![/]"
        console.print(f"{sign} {_REASONS[reason]}: {count}")
        _print_examples(console, [f"{p.where}: {p.detail}" for p in problems if p.reason is reason])
        if reason in _NEXT_STEPS:
            console.print(f"    → {escape(_NEXT_STEPS[reason])}")
    if not any(problem.reason.loses for problem in problems):
        console.print("[green]✓ 没有丢失图或框 / no picture and no box was lost[/]")


def _print_examples(console: Console, lines: list[str]) -> None:
    for line in lines[:_EXAMPLES_SHOWN]:
        console.print(f"    {_plain(line)}", soft_wrap=True)
    if len(lines) > _EXAMPLES_SHOWN:
        console.print(f"    … {len(lines) - _EXAMPLES_SHOWN} more (--json: all)")


def _plain(text: str) -> str:
    """Without markup, and printable even where a file's name is no UTF-8."""
    return escape(text.encode("utf-8", "backslashreplace").decode())
