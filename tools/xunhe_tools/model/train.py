"""`xunhe model train`."""

import importlib.util
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from xunhe.cli import fail
from xunhe_models.data.layouts.reading import read
from xunhe_models.data.pictures import Picture
from xunhe_models.data.problems import LayoutError

NEEDS_TORCH = "training needs PyTorch: pip install 'xunhe[train]' (about 200 MB, CPU only)"


def train(
    data: Annotated[Path, typer.Option(help="数据文件夹 / folder of the shared data")],
    out: Annotated[Path, typer.Option(help="检查点与结果 / folder for checkpoints and models")],
    model: Annotated[
        str, typer.Option(help="debris 或 debris-twin（不含测试站点）/ the twin sees no test site")
    ] = "debris",
    add: Annotated[
        list[Path] | None,
        typer.Option(help="另加自有标注数据，可重复 / add a labelled data set, repeatable"),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=16, help="训练样本数 / samples; the default makes the model")
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子 / random seed")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="线程数 / threads")] = 1,
) -> None:
    """训练漂浮物模型，可中断续训 / train the debris model; stopped, it goes on where it was."""
    if importlib.util.find_spec("torch") is None:
        fail(NEEDS_TORCH)
    # PyTorch is an extra
    from xunhe_models.train.recipe import COCO_WEIGHTS, HELD_OUT, make, rounds  # noqa: PLC0415

    if model not in HELD_OUT:
        fail(f"unknown model {model}: {' or '.join(HELD_OUT)}")
    if not (data / COCO_WEIGHTS).is_file():
        fail(f"{data} is not the data folder: {COCO_WEIGHTS} is missing in it")
    try:
        brought = _brought(add or [])
        file = make(model, data, out, rounds(samples, seed, threads), git_commit(), _say, brought)
    except (LayoutError, OSError, ValueError) as error:
        fail(str(error))
    typer.echo(str(file))


def _brought(folders: list[Path]) -> list[Picture]:
    """The user's own pictures; what is wrong with them is told."""
    pictures: list[Picture] = []
    for folder in folders:
        dataset = read(folder)
        for problem in dataset.problems:
            _say(str(problem))
        pictures += dataset.pictures
    return pictures


def git_commit() -> str:
    """The commit of this checkout, or empty outside one."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        found = subprocess.run(  # noqa: S603 - a fixed command
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return found.stdout.strip()


def _say(line: str) -> None:
    typer.echo(line, err=True)
