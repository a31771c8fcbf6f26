"""`xunhe buoy logs`: crash log, counters and the ring log, copied without freeing anything."""

import json
from pathlib import Path
from typing import Annotated

import typer

from xunhe_buoy import status as firmware
from xunhe_tools.buoy import records
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import RefusedError
from xunhe_tools.buoy.port import chosen
from xunhe_tools.buoy.screen import JsonOption, PortOption, Screen, outcome
from xunhe_tools.byte_code import PACKAGE, BundleError, explain


def logs(
    port: PortOption = None,
    out: Annotated[Path, typer.Option(help="目录 / folder")] = Path("logs"),
    last: Annotated[int, typer.Option(min=0, help="读数条数 / readings")] = 1000,
    as_json: JsonOption = False,
) -> None:
    """取出崩溃记录、计数和读数，不释放 / copy crash log, counters and readings, freeing nothing."""
    screen = Screen(as_json=as_json)
    with outcome(screen), Console(chosen(port)) as console:
        about = console.ask({"do": "config"})
        status = _status(console)
        crashes = console.ask({"do": "log", "what": "crashes"})["crashes"]
        folder = out / f"{about['device']}-{about['station']}"
        count = _save_records(screen, console, last, folder / "records.csv")
        _save_texts(folder, status, crashes, about)
        screen.table(("计数 counter", ""), [(k, _short(v)) for k, v in status.items()])
        screen.good(
            f"{count} 条读数，{len(crashes)} 次崩溃 → {folder}",
            f"{count} readings, {len(crashes)} crashes",
        )
        saved = {"folder": str(folder), "records": count, "crashes": len(crashes)}
        screen.result({**saved, "status": status})


def _status(console: Console) -> dict[str, object]:
    """Safe mode keeps less than a whole status; the rest is copied all the same."""
    try:
        status: dict[str, object] = console.ask({"do": "log"})["status"]
    except RefusedError as error:
        return {"mode": error.reason}
    return status


def _save_records(screen: Screen, console: Console, most: int, file: Path) -> int:
    if not most:
        return 0
    with screen.progress() as progress:
        task = progress.add_task("读数 readings", total=None)
        rows = records.records(console, most, lambda count: progress.advance(task, count))
        progress.update(task, total=max(1, len(rows)), completed=max(1, len(rows)))
    return records.save(rows, file)


def _save_texts(
    folder: Path, status: dict[str, object], crashes: list[str], about: dict[str, str]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(status, indent=1, ensure_ascii=False)
    (folder / "status.json").write_text(text, "utf-8")
    (folder / "crashes.txt").write_text("\n\n".join(_explained(crashes, about)), "utf-8")


def _explained(crashes: list[str], about: dict[str, str]) -> list[str]:
    """In the names of the sources, where these are the sources of what runs."""
    if about["firmware"] != firmware.FIRMWARE:
        return crashes
    try:
        return [explain(PACKAGE, about["board"], crash) for crash in crashes]
    except BundleError:
        return crashes


def _short(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
