"""`xunhe model eval`."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from xunhe.cli import fail
from xunhe_tools.model.train import git_commit

if TYPE_CHECKING:
    from xunhe_models.evaluate.evaluate import Plan
    from xunhe_models.evaluate.subjects import Subject

SHIPPED = {"debris": "debris.onnx", "twin": "debris-twin.onnx", "discharge": "discharge.onnx"}
_A_FILE = "river-plastic/labels.csv"
_REPOSITORY = Path(__file__).parents[3]


def evaluate(
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="debris、twin、discharge 或 ONNX 文件，可重复，默认全部随包模型 / or FILE.onnx,"
            " repeatable; by default all that are shipped"
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            envvar="XUNHE_DATA", help="数据文件夹 / folder of the data; default ../shared/data"
        ),
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option(help="评估集，可重复，默认全部 / sets, repeatable")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON / print JSON for a script")
    ] = False,
    report: Annotated[
        Path | None, typer.Option(help="写入图片网页的目录 / folder for a page of pictures")
    ] = None,
    full: Annotated[
        bool, typer.Option(help="加上固定边长的切块与训练见过的图 / fixed tiles and seen pictures")
    ] = False,
    checkpoint: Annotated[
        Path | None, typer.Option(help="torch 权重，用于核对 / torch weights, for the parity")
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子 / random seed")] = 1,
) -> None:
    """评估模型：精度、误报、校准、速度 / judge models: AP, false alarms, calibration, latency."""
    # The libraries for pictures take a third of a second, which the other commands need not wait.
    from xunhe_models.evaluate.evaluate import Plan  # noqa: PLC0415

    folder = _data_folder(data)
    names = _known_sets(sets)
    if checkpoint is not None and not checkpoint.is_file():
        fail(f"{checkpoint} does not exist: name a file of torch weights, or leave it out")
    detectors, outfalls, missing = _files(model)
    plan = Plan(folder, full, seed, checkpoint)
    result = _evaluated(detectors, names, plan, report)
    result["discharge"] = [_discharge(name, path, plan) for name, path in outfalls.items()]
    result["missing"] = missing
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=1, allow_nan=False))
    else:
        from xunhe_tools.model.evaluation_tables import show  # noqa: PLC0415

        show(Console(highlight=False), result)


def _data_folder(given: Path | None) -> Path:
    folder = (given or _REPOSITORY.parent / "shared/data").resolve()
    if not folder.is_dir():
        fail(
            f"the data folder {folder} does not exist: name it by --data DIR or XUNHE_DATA"
            f" (it has {_A_FILE}, clips/, river-scenes/ …)"
        )
    return folder


def _known_sets(given: list[str] | None) -> tuple[str, ...]:
    from xunhe_models.evaluate.sets import DEFAULT_SETS, SETS  # noqa: PLC0415

    names = tuple(name for text in given or () for name in text.split(",") if name)
    for name in names:
        if name not in SETS:
            fail(f"there is no set {name}: {', '.join(SETS)}")
    return names or DEFAULT_SETS


def _files(given: list[str] | None) -> tuple[dict[str, Path], dict[str, Path], dict[str, str]]:
    """By name: files of detectors, files for outfalls, and why a shipped one is left out."""
    shipped = Path(str(files("xunhe_models"))) / "shipped"
    paths: dict[str, Path] = {}
    missing: dict[str, str] = {}
    for name in given or SHIPPED:
        path = shipped / SHIPPED[name] if name in SHIPPED else Path(name)
        if path.is_file():
            paths[name if name in SHIPPED else path.stem] = path
        elif given:
            fail(f"{path} does not exist: name {', '.join(SHIPPED)} or an ONNX file")
        else:
            missing[name] = f"{path.name} is not in this installation"
    if not paths:
        fail("no model is shipped here: name one by --model FILE.onnx, or train one first")
    outfalls = {name: path for name, path in paths.items() if _kind(path) == "discharge"}
    return {n: p for n, p in paths.items() if n not in outfalls}, outfalls, missing


def _kind(file: Path) -> str:
    """What the model in a file is for, by its metadata."""
    from xunhe_models.detector import ModelError, open_session  # noqa: PLC0415

    try:
        return str(open_session(file).get_modelmeta().custom_metadata_map.get("kind", ""))
    except ModelError as error:
        fail(str(error))


def _evaluated(
    detectors: dict[str, Path], names: Sequence[str], plan: "Plan", report: Path | None
) -> dict[str, Any]:
    from xunhe_models.detector import ModelError  # noqa: PLC0415
    from xunhe_models.evaluate.evaluate import Evaluation, figures  # noqa: PLC0415
    from xunhe_models.evaluate.machine import machine  # noqa: PLC0415
    from xunhe_models.evaluate.page import write_page  # noqa: PLC0415
    from xunhe_models.evaluate.subjects import open_subject  # noqa: PLC0415

    try:
        subjects = [open_subject(name, path) for name, path in detectors.items()]
        evaluation = _looked(subjects, names, plan) if subjects else Evaluation()
        _say("统计 / counting")
        result = figures(evaluation, subjects, plan)
        if report is not None:
            shown = [run for run in evaluation.runs if run.tiling == "auto"]
            _say(f"网页 / page: {write_page(report, shown, plan.data)}")
    except (ModelError, OSError, RuntimeError) as error:
        fail(str(error))
    return {"machine": machine(), "git_commit": git_commit(), **result}


def _looked(subjects: "list[Subject]", names: Sequence[str], plan: "Plan") -> Any:
    from xunhe_models.evaluate.evaluate import evaluate as look  # noqa: PLC0415
    from xunhe_models.evaluate.sets import load_set  # noqa: PLC0415

    with _progress() as progress:
        return look(subjects, [load_set(name, plan.data) for name in names], plan, progress)


def _discharge(name: str, file: Path, plan: "Plan") -> dict[str, Any]:
    """On the clips and stills of outfalls, with the overlays masked; in full, left in too."""
    from xunhe_models.detector import ModelError  # noqa: PLC0415
    from xunhe_models.discharge import evaluate as outfalls  # noqa: PLC0415
    from xunhe_models.discharge.finder import Finder  # noqa: PLC0415
    from xunhe_models.evaluate.metrics import tidy  # noqa: PLC0415
    from xunhe_models.images import UnreadableError  # noqa: PLC0415

    _say(f"{name}: 排污口 / outfalls")
    content = file.read_bytes()
    result: dict[str, Any] = {
        "name": name,
        "file": file.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
    }
    try:
        finder = Finder(file)
        result["masked"] = outfalls.evaluated(finder, plan.data, masked=True)
        result["false_alarms"] = outfalls.false_alarms(finder, plan.data)
        if plan.full:
            result["overlays_left_in"] = outfalls.evaluated(finder, plan.data, masked=False)
    except ModelError as error:
        fail(str(error))
    except (OSError, UnreadableError) as error:
        result["skipped"] = f"{plan.data}: {error}"
    return tidy(result)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for each set on a terminal, a line for each set elsewhere; on standard error."""
    screen = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns, TimeElapsedColumn(), console=screen, disable=not screen.is_terminal
    ) as bar:
        tasks: dict[str, Any] = {}

        def follow(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=total)
                if not screen.is_terminal:
                    _say(f"{name}: {total} 张 pictures")
            bar.update(tasks[name], completed=done)

        yield follow


def _say(line: str) -> None:
    typer.echo(line, err=True)
