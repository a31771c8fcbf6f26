"""`xunhe model adapt`."""

import importlib.util
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from xunhe.cli import fail
from xunhe_models.data.layouts.reading import read
from xunhe_models.data.own_labels import own_labels
from xunhe_models.data.pictures import Picture
from xunhe_models.data.problems import LayoutError
from xunhe_tools.model.train import NEEDS_TORCH

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
_FEWEST = 10
_BASE_STEP = 4  # of location 3: every so many pictures belong to the base set


def adapt(
    site: Annotated[
        Path,
        typer.Argument(
            help="含 confirmed/（带标注）与 rejected/（误报图）的文件夹 / folder with confirmed/"
            " (labelled, any layout) and rejected/ (pictures of false alarms)"
        ),
    ],
    data: Annotated[Path, typer.Option(help="数据文件夹 / folder of the shared data")],
    out: Annotated[Path, typer.Option(help="新模型文件 / the new model file (.onnx)")],
    base: Annotated[
        Path | None, typer.Option("--model", help="起点模型，默认随包模型 / model to start from")
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=16, help="训练样本数 / samples to train on")
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子 / random seed")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="线程数 / threads")] = 2,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="写入前后指标 / write the figures")
    ] = None,
) -> None:
    """用现场确认与驳回的图微调，只有更好才保留 / fine-tune at a site; kept only if it is better."""
    if importlib.util.find_spec("torch") is None:
        fail(NEEDS_TORCH)
    from xunhe_models.train import adapt as learning  # noqa: PLC0415 - torch is an extra

    if out.exists():
        fail(f"{out} exists: name a new file, so that no model is lost")
    try:
        pictures = _site_pictures(site)
        plan = learning.plan_for(samples, seed, threads)
        start = base or learning.shipped()
        outcome = learning.adapt(start, pictures, _base_set(data), data, out, plan, _say)
    except (LayoutError, OSError, ValueError) as error:
        fail(str(error))
    if json_file is not None:
        json_file.write_text(json.dumps(asdict(outcome), indent=1, ensure_ascii=False), "utf-8")
    kept = f"已保留 / kept: {out}" if outcome.kept else "未保留 / not kept"
    typer.echo(f"{kept} · {outcome.reason}")


def _site_pictures(site: Path) -> list[Picture]:
    """Confirmed pictures with their boxes, rejected ones without any."""
    confirmed, rejected = site / "confirmed", site / "rejected"
    if not confirmed.is_dir() and not rejected.is_dir():
        raise LayoutError(f"{site} needs a folder confirmed/ or rejected/ (or both)")
    pictures: list[Picture] = []
    if confirmed.is_dir():
        dataset = read(confirmed)
        for problem in dataset.problems:
            _say(str(problem))
        pictures += dataset.pictures
    if rejected.is_dir():
        files = sorted(p for p in rejected.rglob("*") if p.suffix.lower() in _PICTURES)
        pictures += [Picture(file, "rejected", ()) for file in files]
    if len(pictures) < _FEWEST:
        raise LayoutError(
            f"{site} has {len(pictures)} pictures: bring {_FEWEST} or more, 50 to 200"
        )
    return pictures


def _base_set(data: Path) -> list[Picture]:
    """What an adapted model may not forget: the eye-height set and a part of location 3."""
    canal = read(data / "river-plastic", "river-plastic").pictures
    third = [p for p in canal if p.site.endswith("location-3")]
    return [*own_labels("eye_height", data), *third[::_BASE_STEP]]


def _say(line: str) -> None:
    typer.echo(line, err=True)
