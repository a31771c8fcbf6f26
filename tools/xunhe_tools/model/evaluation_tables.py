"""The figures of an evaluation as tables for a person."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

_UNREADABLE_SHOWN = 3
_SITES_SHOWN = 8
_TILINGS = {"whole": "整图\nwhole", "auto": "切块\ntiled"}
# Two lines a cell: the value, and its interval below, fit a terminal of 80 columns.
_FOUND_COLUMNS = (
    "类别\nclass",
    "方式\nlook",
    "框\nboxes",
    "AP50",
    "AP50:95",
    "精确率\nprecision",
    "召回率\nrecall",
    "召回0.60\nP at R .6",
)
_FALSE_COLUMNS = (
    "方式\nlook",
    "帧\nframes",
    "片段\nclips",
    "误报框\nfalse boxes",
    "每千帧\nper 1,000 frames",
    "有误报的帧\nframes with any",
    "占比\nshare",
)


def show(console: Console, result: dict[str, Any]) -> None:
    """Models one by one: what they find, what they invent, how fast they are."""
    for name, about in result["sets"].items():
        _say_set(console, name, about)
    for model in result["models"]:
        console.rule(f"[bold]{escape(model['name'])}[/] {model['bytes'] / 2**20:.2f} MiB")
        for name, of_set in model["sets"].items():
            _show_set(console, result["sets"][name], name, of_set)
        for name in model["sets_left_out"]:
            if "skipped" not in result["sets"][name]:
                console.print(f"[yellow]全部见过，不计 / all trained on, left out:[/] {name}")
        _say_latency(console, model["latency"])
        _say_parity(console, model["parity"])
    for model in result["discharge"]:
        _say_discharge(console, model)
    for name, reason in result["missing"].items():
        console.print(f"[yellow]未评估 / not evaluated:[/] {name}: {escape(reason)}")
    console.print("每格下行为 95% 区间 / below a value: its 95 % interval")


def _say_set(console: Console, name: str, about: dict[str, Any]) -> None:
    if "skipped" in about:
        console.print(f"[yellow]跳过 / skipped:[/] {name}: {escape(about['skipped'])}")
    for problem in about["unreadable"][:_UNREADABLE_SHOWN]:
        text = escape(f"{problem['image']}: {problem['error']}")
        console.print(f"[yellow]不可读 / unreadable:[/] {text}", soft_wrap=True)
    if (more := len(about["unreadable"]) - _UNREADABLE_SHOWN) > 0:
        console.print(f"[yellow]不可读 / unreadable:[/] {name}: … {more} more (--json: all)")


def _show_set(console: Console, about: dict[str, Any], name: str, of_set: dict[str, Any]) -> None:
    seen = " [yellow]训练时见过 / trained on[/]" if of_set["trained_on_sites"] else ""
    console.print(
        f"\n[bold]{about['title']}[/] ({name}): {of_set['pictures']} 张 pictures{seen}",
        soft_wrap=True,
    )
    if about["boxes"]:
        console.print(_table(_FOUND_COLUMNS, list(_found(of_set["tilings"]))))
        _say_sites(console, of_set["tilings"]["auto"])
    else:
        console.print(_table(_FALSE_COLUMNS, list(_false(of_set["tilings"], of_set["clips"]))))


def _say_sites(console: Console, by_class: dict[str, Any]) -> None:
    """Where a set has a few sites: each by itself, tiled."""
    for label, f in by_class.items():
        if 1 < len(f["by_site"]) <= _SITES_SHOWN:
            for site, at in f["by_site"].items():
                console.print(
                    f"  [dim]{escape(site)}: {label} {at['boxes']} 框 boxes, AP50"
                    f" {_number(at['ap50'])}[/]",
                    soft_wrap=True,
                )


def _found(tilings: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for tiling, by_class in tilings.items():
        for label, f in by_class.items():
            yield (
                label,
                _TILINGS.get(tiling, tiling),
                str(f["boxes"]),
                _with_interval(f["ap50"], f["ap50_interval"]),
                _number(f["ap50_95"]),
                _with_interval(f["precision"], f["precision_interval"]),
                _with_interval(f["recall"], f["recall_interval"]),
                _number(f["precision_at_recall_0.60"]),
            )


def _false(tilings: dict[str, Any], clips: int) -> Iterator[tuple[str, ...]]:
    for tiling, f in tilings.items():
        per_1000, its_ends = f["false_boxes_per_1000"], f["false_boxes_per_1000_interval"]
        yield (
            _TILINGS.get(tiling, tiling),
            str(f["frames"]),
            str(clips or "–"),
            str(f["false_boxes"]),
            _with_interval(per_1000, its_ends, digits=0),
            str(f["frames_with_any"]),
            _with_interval(f["share_with_any"], f["share_with_any_interval"]),
        )


def _with_interval(value: float | None, ends: Sequence[float] | None, digits: int = 2) -> str:
    if ends is None:
        return _number(value, digits)
    low, high = (_number(end, digits) for end in ends)
    return f"{_number(value, digits)}\n{low}–{high}"


def _number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(box=None, header_style="dim", padding=(0, 1, 0, 0))
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i < 1 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _say_latency(console: Console, latency: dict[str, Any]) -> None:
    for of in (latency.get(key) for key in ("tile", "frame")):
        if of is not None:
            width, height = of["picture"]
            console.print(
                f"单线程 one thread, {width}×{height}: {of['detect_ms']['median']:.1f} ms"
                f" (session.run {of['session_run_ms']['median']:.1f} ms,"
                f" ×{of['ratio_median']:.3f}; n = {of['runs']})"
            )


def _say_parity(console: Console, parity: dict[str, Any]) -> None:
    if parity["largest_score_difference"] is None:
        console.print(f"[dim]ONNX = torch: {escape(parity['reason'])}[/]")
    else:
        console.print(
            f"ONNX = torch: 分数相差至多 scores differ by at most"
            f" {parity['largest_score_difference']:.1e}, 框 boxes"
            f" {parity['largest_box_difference_px']:.1e} px"
        )


def _say_discharge(console: Console, discharge: dict[str, Any]) -> None:
    console.rule(f"[bold]{escape(discharge['name'])}[/] {discharge['bytes'] / 2**20:.2f} MiB")
    if "skipped" in discharge:
        console.print(f"[yellow]跳过 / skipped:[/] {escape(discharge['skipped'])}", soft_wrap=True)
    rows = []
    for name, of_file in discharge.get("masked", {}).items():
        for mouth, ways in of_file["zones"].items():
            for way, f in ways.items():
                rows.append((name, mouth, way, f"{f['right']:.2f}", f"{f['longest_wrong_s']:g}"))
    if rows:
        columns = ("文件 file", "口 mouth", "方法 way", "正确 right", "最长误判 longest wrong, s")
        console.print(_table(columns, rows))
    for label, f in discharge.get("false_alarms", {}).items():
        console.print(f"误报 false alarms, {label}: {f['alarmed']} / {f['pictures']} 张 pictures")
