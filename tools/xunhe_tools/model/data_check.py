"""`xunhe model data check`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from xunhe.cli import fail
from xunhe_models.data.check import Summary, summarise
from xunhe_models.data.dataset import Dataset
from xunhe_models.data.hashes import Hashes, hash_pictures
from xunhe_models.data.layouts.reading import AUTO, read
from xunhe_models.data.problems import LayoutError
from xunhe_models.data.splits import DuplicatesError, Split, SplitError, split
from xunhe_tools.model.data_tables import show, show_refusal, show_split


def check(
    directory: Annotated[Path, typer.Argument(help="数据文件夹 / folder of the data set")],
    layout: Annotated[
        str, typer.Option(help="布局，如 csv、coco、taco / layout, as csv, coco, taco")
    ] = AUTO,
    label: Annotated[
        list[str] | None,
        typer.Option(
            help="类名=标签，可重复；标签为空即背景 / CLASS=LABEL, repeatable; no label: background"
        ),
    ] = None,
    site: Annotated[
        str | None,
        typer.Option(help="文件名中站点的正则 / pattern of the site in a picture's name"),
    ] = None,
    split_sites: Annotated[
        str | None,
        typer.Option(help="试以这些站点测试，逗号分隔 / try these sites as the test side: A,B"),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON / print JSON for a script")
    ] = False,
) -> None:
    """检查标注数据：数量、尺寸、可疑处、重复 / check labelled data: counts, doubts, copies."""
    try:
        dataset = read(directory, layout, _labels(label or []), site)
    except LayoutError as error:
        fail(str(error))
    hashes = _hashes(dataset)
    summary = summarise(dataset, hashes)
    try:
        parts = _split(dataset, split_sites, hashes)
        refusal = None
    except DuplicatesError as error:
        parts, refusal = None, error
    except SplitError as error:
        fail(str(error))
    if as_json:
        typer.echo(json.dumps(_report(dataset, summary, parts, refusal), indent=1))
    else:
        _print(summary, parts, refusal)
    raise typer.Exit(1 if summary.losses or refusal else 0)


def _labels(options: list[str]) -> dict[str, str]:
    pairs = [option.rpartition("=") for option in options]
    for name, equals, label in pairs:
        if not equals or not name:
            raise LayoutError(f"--label {label!r}: write CLASS=LABEL, as in --label foam=litter")
    return {name: label for name, _, label in pairs}


def _hashes(dataset: Dataset) -> Hashes:
    """Decode every picture, with a bar on a terminal."""
    screen = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns,
        TimeRemainingColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    ) as bar:
        task = bar.add_task("读图 / reading pictures", total=len(dataset.pictures))
        return hash_pictures(dataset.pictures, lambda: bar.advance(task))


def _split(dataset: Dataset, sites: str | None, hashes: Hashes) -> Split | None:
    names = [name.strip() for name in (sites or "").split(",") if name.strip()]
    return split(dataset, names, hashes) if names else None


def _print(summary: Summary, parts: Split | None, refusal: DuplicatesError | None) -> None:
    console = Console(highlight=False)
    show(console, summary)
    if parts is not None:
        show_split(console, parts)
    if refusal is not None:
        show_refusal(console, refusal)


def _report(
    dataset: Dataset, summary: Summary, parts: Split | None, refusal: DuplicatesError | None
) -> dict[str, Any]:
    report = {"folder": str(dataset.root)} | asdict(summary) | {"losses": summary.losses}
    report["problems"] = [asdict(p) | {"loses": p.reason.loses} for p in summary.problems]
    if parts is not None:
        report["split"] = {
            "test_sites": parts.test_sites,
            "train": len(parts.train),
            "test": len(parts.test),
        }
    if refusal is not None:
        names = dataset.name_of
        report["split"] = {
            "duplicates": [(names(p.first), names(p.second), p.distance) for p in refusal.pairs]
        }
    return report
