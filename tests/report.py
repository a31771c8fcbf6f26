"""Pictures that a test run leaves for people to look at: build/test-report/index.html.

They may show what lies outside the project, so they stay on this machine: `build/` is ignored.
"""

import html
import json
import shutil
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "build/test-report"


def show(name: str, found: Path) -> None:
    """Add what `xunhe watch --json found` wrote, with its pictures, under a name."""
    place = FOLDER / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    shutil.copy(found, place / "found.json")
    evidence = found.with_name(f"{found.name}.evidence")
    if evidence.is_dir():
        shutil.copytree(evidence, place, dirs_exist_ok=True)
    sections = [_section(each) for each in sorted(FOLDER.iterdir()) if each.is_dir()]
    page = "<!doctype html><meta charset=utf-8><title>xunhe test report</title>"
    (FOLDER / "index.html").write_text(page + "".join(sections), "utf-8")


def _section(place: Path) -> str:
    report = json.loads((place / "found.json").read_text("utf-8"))
    rows = [
        f"<li>{html.escape(each['reason_zh'])} / {html.escape(each['reason_en'])}"
        f" ({each['start_s']:.1f} s)</li>"
        for each in report["incidents"]
    ]
    pictures = [
        f'<img src="{place.name}/{picture.relative_to(place)}" width="480">'
        for picture in sorted(place.rglob("*annotated*.jpg"))
    ]
    told = "".join(rows) or "<li>没有事件 / no incident</li>"
    return f"<h2>{html.escape(place.name)}</h2><ul>{told}</ul>{''.join(pictures)}"
