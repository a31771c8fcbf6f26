"""One run of `xunhe watch`, from its options to its exit status."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import typer
from rich.console import Console

from xunhe.adapters.camera.address import Address, AddressError
from xunhe.adapters.camera.ring import Ring
from xunhe.cli import fail
from xunhe.domain.zones import Zones, ZonesError
from xunhe.settings import VisionSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.pipeline import CameraPipeline
from xunhe_models.detector import ModelError
from xunhe_tools.watch.evidence import EvidenceFolder
from xunhe_tools.watch.film import Film
from xunhe_tools.watch.footage import Footage
from xunhe_tools.watch.screen import following, print_table
from xunhe_tools.watch.viewing import Viewing

_RING_SLACK_S, _RING_BYTES = 4.0, 64 << 20
_FILE_COLUMNS = 160


@dataclass(frozen=True, slots=True)
class Options:
    """The command's options as typed."""

    video: str
    zones: Path | None
    json_file: Path | None
    annotate: Path | None
    realtime: bool


def run(options: Options) -> None:
    """Watch to the end; typer.Exit 1 for damage, 2 for wrong options, 130 after Ctrl-C."""
    cv2.setNumThreads(1)
    console = Console(stderr=True, highlight=False)
    _check_outputs(options)
    zones = _zones(options.zones)
    eyes = _eyes()
    viewing = _prepared(options, zones, eyes)
    stopped = _watch(viewing, console)
    report = _report(options, viewing, zones, eyes)
    _write(report, options.json_file)
    if viewing.frames and str(options.json_file) != "-":
        print_table(viewing.book, viewing.start_s, _page())
    console.print(viewing.sentence())
    for problem in viewing.problems:
        console.print(f"[red]问题 problem[/] {problem}", markup=True, soft_wrap=True)
    if stopped and not viewing.footage.is_live:
        raise typer.Exit(130)
    if viewing.problems and not stopped:
        raise typer.Exit(1)


def _page() -> Console:
    """Standard output; in a file or a pipe, lines are not broken for a screen."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_FILE_COLUMNS)


def _watch(viewing: Viewing, console: Console) -> bool:
    """Whether Ctrl-C ended it; what was found stays either way."""
    try:
        with following(console, viewing.footage.header().seconds) as follow:
            viewing.watch(follow)
    except KeyboardInterrupt:
        viewing.problems.append(
            f"在 {viewing.seen_s:.1f} 秒处停止 / stopped at {viewing.seen_s:.1f} s"
        )
        return True
    except OSError as error:
        fail(f"cannot write the results: {error}; free space or name another place")
    finally:
        viewing.finish()
    return False


def _zones(path: Path | None) -> Zones:
    """The zones of a file; every problem of it is told at once."""
    if path is None:
        return Zones.whole()
    try:
        return Zones.parse(json.loads(path.read_text("utf-8")))
    except ZonesError as error:
        listed = "\n".join(f"  · {problem}" for problem in error.problems)
        fail(f"监测区文件有误 / the zones' file is wrong: {path}\n{listed}")
    except (OSError, ValueError) as error:
        fail(f"监测区文件读不出 / the zones' file cannot be read: {path}: {error}")


def _eyes() -> Eyes:
    try:
        return Eyes.load()
    except ModelError as error:
        fail(str(error))


def _prepared(options: Options, zones: Zones, eyes: Eyes) -> Viewing:
    try:
        address = Address.parse(options.video)
    except AddressError as error:
        fail(str(error))
    if not address.decoded.is_live and not Path(address.decoded.url).exists():
        fail(f"没有这个文件 / no such file or folder: {options.video}")
    settings = VisionSettings()
    ring = evidence = None
    if options.json_file is not None and str(options.json_file) != "-":
        ring = Ring(settings.pre_roll_s + settings.post_roll_s + _RING_SLACK_S, _RING_BYTES)
        folder = options.json_file.with_name(f"{options.json_file.name}.evidence")
        evidence = EvidenceFolder(folder, settings, ring)
    judged = zones if address.decoded.is_live else _without_hours(zones)
    pipeline = CameraPipeline("watch", judged, eyes, settings)
    film = Film(options.annotate, zones) if options.annotate is not None else None
    return Viewing(Footage(address, settings, options.realtime, ring), pipeline, evidence, film)


def _without_hours(zones: Zones) -> Zones:
    """A recording does not say at which hour of the day it was made."""
    mouths = tuple(replace(outfall, permitted_hours=()) for outfall in zones.outfalls)
    return replace(zones, outfalls=mouths)


def _check_outputs(options: Options) -> None:
    """No result may be written over the recording, nor where nothing can be written."""
    for name, path in (("--json", options.json_file), ("--annotate", options.annotate)):
        if path is None or str(path) == "-":
            continue
        if path.resolve() == Path(options.video).resolve():
            fail(f"{name} {path} is the recording: name another file")
        if not path.parent.is_dir():
            fail(f"{name} {path}: the folder {path.parent} does not exist: create it first")
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            fail(f"{name} {path} cannot be written: name another file")
    if options.annotate is not None and options.annotate.suffix.lower() != ".mp4":
        fail(f"--annotate {options.annotate}: the name must end in .mp4")


def _report(options: Options, viewing: Viewing, zones: Zones, eyes: Eyes) -> dict[str, Any]:
    """The JSON file's object; the same recording, zones and models give the same bytes."""
    return {
        "source": viewing.footage.address.decoded.shown,
        "frames": viewing.frames,
        "seconds": round(viewing.seen_s, 3),
        "width": viewing.size[0] if viewing.size else None,
        "height": viewing.size[1] if viewing.size else None,
        "incidents": [found.to_json(viewing.start_s) for found in viewing.book],
        "problems": viewing.problems,
        "zones_file": None if options.zones is None else options.zones.name,
        "zones": zones.to_json(),
        "models": dict(sorted(eyes.sha256.items())),
    }


def _write(report: dict[str, Any], target: Path | None) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    if target is None:
        return
    if str(target) == "-":
        typer.echo(text.encode("utf-8"), nl=False)  # whatever the locale
        return
    try:
        target.write_text(text, "utf-8")
    except OSError as error:
        fail(f"cannot write {target}: {error}")
