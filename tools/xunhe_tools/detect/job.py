"""One run of `xunhe detect`, from its options to its exit status."""

import logging
import os
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import typer
from PIL import _imaging as pillow
from rich.console import Console

from xunhe.cli import fail
from xunhe_models.detector import ModelError
from xunhe_models.tiles import Tiling
from xunhe_tools.detect.annotator import Annotator
from xunhe_tools.detect.line import writing
from xunhe_tools.detect.model import Model, open_models
from xunhe_tools.detect.screen import Tally, following, print_table
from xunhe_tools.detect.sources import Source, SourceError, find_sources
from xunhe_tools.detect.workers import look

_MIN_TILE = 32


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options as typed."""

    paths: list[Path]
    model: str
    json_file: Path | None
    annotate: Path | None
    tile: str
    threads: int | None
    every_s: float


def run(options: Options) -> None:
    """Look at everything; typer.Exit 1 where files failed, 2 where the options are wrong."""
    _set_up_process()
    console, tally = Console(stderr=True, highlight=False), Tally()
    sources, models, annotator = _prepared(options)
    try:
        _look(options, sources, models, annotator, tally, console)
    except KeyboardInterrupt:
        console.print("已停止，已写入的结果保留 / stopped; what was written stays")
        raise typer.Exit(130) from None
    except BrokenPipeError:
        raise  # whoever reads `--json -` has had enough; typer leaves quietly
    except OSError as error:
        fail(f"cannot write the results: {error}; free space or name another place")
    finally:
        console.print(tally.sentence())
    if options.json_file is None:
        print_table(tally, Console(highlight=False))
    if tally.failed:
        raise typer.Exit(1)


def _set_up_process() -> None:
    """What holds for the whole process, which is this command's own."""
    cv2.setNumThreads(1)  # the threads here are one a model
    # What is wrong with a picture stands in its line.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    # malloc returns blocks above 32 MiB to the system at once; of smaller ones, each thread that
    # has read a large picture would keep hundreds of megabytes.
    pillow.set_block_size(64 * 2**20)


def _prepared(options: Options) -> tuple[list[Source], list[Model], Annotator | None]:
    try:
        sources = find_sources(options.paths, leave_out=options.annotate)
        annotator = Annotator(options.annotate) if options.annotate else None
        _spare_the_sources(sources, options.json_file, annotator)
        models = open_models(options.model, _tiling(options.tile), _threads(options, sources))
    except (SourceError, ModelError) as error:
        fail(str(error))
    return sources, models, annotator


def _look(
    options: Options,
    sources: list[Source],
    models: list[Model],
    annotator: Annotator | None,
    tally: Tally,
    console: Console,
) -> None:
    draw = annotator.draw if annotator else None
    with (
        writing(options.json_file) as write,
        following(sources, console, tally) as follow,
        closing(look(sources, models, options.every_s, draw)) as lines,
    ):
        for number, line in lines:
            write(line)
            tally.add(line)
            follow(number, line)


def _spare_the_sources(
    sources: list[Source], json_file: Path | None, annotator: Annotator | None
) -> None:
    """No result may be written over a picture that was given."""
    originals = {source.path.resolve() for source in sources}
    if json_file is not None and json_file.resolve() in originals:
        fail(f"--json {json_file} is one of the pictures: name another file")
    if json_file is not None and str(json_file) != "-" and not json_file.parent.is_dir():
        fail(f"--json {json_file}: the folder {json_file.parent} does not exist: create it first")
    if annotator is not None:
        for source in sources:
            if annotator.target(source).resolve() in originals:
                fail(f"--annotate would overwrite {source.path}: name another folder")


def _tiling(tile: str) -> Tiling:
    match tile:
        case "auto" | "off":
            return tile
    if not tile.isascii() or not tile.isdigit() or int(tile) < _MIN_TILE:
        fail(f"--tile {tile}: auto, off, or a side of at least {_MIN_TILE} pixels")
    return int(tile)


def _threads(options: Options, sources: list[Source]) -> int:
    """At most one thread a still: a session takes 20 MB and a moment to open."""
    wanted = options.threads or min(2, os.cpu_count() or 1)
    return wanted if any(source.is_stream for source in sources) else min(wanted, len(sources))
