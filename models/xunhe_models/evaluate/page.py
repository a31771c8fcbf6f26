"""A local page of the pictures with their boxes, the worst first: HTML, CSS and JPEG, no script.

The pictures belong to others: the page is for looking at, not for passing on.
"""

import html
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

import cv2

from xunhe_models.data.reading import frames_of
from xunhe_models.evaluate.evaluate import Run
from xunhe_models.evaluate.marks import Kind, Mark, Shot, worst_first
from xunhe_models.evaluate.sets import name_of
from xunhe_models.images import Frame

SHOWN = 40  # pictures a model and set
_LONGEST = 1280
_QUALITY = 82
_WORDS = {
    Kind.TRUE: "正确 true",
    Kind.FALSE: "误报 false",
    Kind.MISSED: "漏检 missed",
    Kind.LEFT_OUT: "不计 left out",
}


def write_page(folder: Path, runs: Sequence[Run], data: Path) -> Path:
    """Write `index.html` and its pictures into a folder. OSError as writing raises it."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [
        (run, worst_first(run.sights, run.subject.thresholds, run.of.classes)) for run in runs
    ]
    sizes = _write_pictures(folder, [shot for _, shots in chosen for shot in shots[:SHOWN]], data)
    sections = [_section(i, run, shots, sizes, data) for i, (run, shots) in enumerate(chosen)]
    links = (f'<a href="#s{i}">{_title(run)}</a>' for i, (run, _) in enumerate(chosen))
    template = files("xunhe_models").joinpath("evaluate/page.html").read_text("utf-8")
    page = Template(template).substitute(links="\n".join(links), sections="\n".join(sections))
    target = folder / "index.html"
    target.write_text(page, "utf-8")
    return target


def _write_pictures(folder: Path, shots: Iterable[Shot], data: Path) -> dict[Path, tuple[int, int]]:
    """JPEG of at most 1280 px; the stored sizes of those that could be read again."""
    pictures = list({shot.sight.picture.path: shot.sight.picture for shot in shots}.values())
    sizes = {}
    for picture, frame in frames_of(pictures):
        if isinstance(frame, Frame):
            target = folder / _file(name_of(picture, data))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_jpeg(frame))
            sizes[picture.path] = frame.width, frame.height
    return sizes


def _jpeg(frame: Frame) -> bytes:
    bgr, scale = frame.bgr, _LONGEST / max(frame.bgr.shape[:2])
    if scale < 1:
        bgr = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _file(name: str) -> str:
    """Below the page's folder; `#` would end the address."""
    return "pictures/" + name.replace("#", "-frame-") + ".jpg"


def _title(run: Run) -> str:
    return html.escape(f"{run.subject.name} · {run.of.title}")


def _section(
    i: int, run: Run, shots: list[Shot], sizes: dict[Path, tuple[int, int]], data: Path
) -> str:
    counts = ", ".join(
        f"{_WORDS[kind]} {sum(s.count(kind) for s in shots)}" for kind in list(Kind)[:3]
    )
    shown = [shot for shot in shots[:SHOWN] if shot.sight.picture.path in sizes]
    seen = run.subject.saw(sorted({shot.sight.picture.site for shot in shots}))
    warning = f"训练时见过 / trained on: {', '.join(seen)}" if seen else ""
    figures = (_figure(shot, sizes[shot.sight.picture.path], data) for shot in shown)
    return (
        f'<section id="s{i}"><h2>{_title(run)}</h2>\n'
        f"<p>{counts} · 显示最差的 {len(shown)} 张，共 {len(shots)} 张"
        f" / the worst {len(shown)} of {len(shots)}</p>\n"
        f'<p class="warning">{html.escape(warning)}</p>\n'
        f'<div class="grid">\n{"".join(figures)}</div></section>'
    )


def _figure(shot: Shot, size: tuple[int, int], data: Path) -> str:
    name = html.escape(name_of(shot.sight.picture, data))
    source = html.escape(_file(name_of(shot.sight.picture, data)))
    width, height = size
    counts = " · ".join(f"{_WORDS[k]} {n}" for k in list(Kind)[:3] if (n := shot.count(k)))
    boxes = "".join(_box(mark, width) for mark in shot.marks)
    return (
        f'<figure><a href="{source}"><svg viewBox="0 0 {width} {height}" role="img">'
        f"<title>{name}</title>"
        f'<image href="{source}" width="{width}" height="{height}"/>{boxes}</svg></a>'
        f"<figcaption>{name}<br>{counts or '无 / none'}</figcaption></figure>\n"
    )


def _box(mark: Mark, width: int) -> str:
    x0, y0, x1, y1 = mark.xyxy
    place = f'x="{x0:.1f}" y="{y0:.1f}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"'
    score = "" if mark.score is None else f" {mark.score:.2f}"
    text = ""
    if mark.kind is Kind.FALSE:
        at = f'x="{x0:.1f}" y="{y0 - 3:.1f}" font-size="{width / 45:.0f}"'
        text = f"<text {at}>{score.strip()}</text>"
    return (
        f'<g class="{mark.kind}"><title>{_WORDS[mark.kind]}: {html.escape(mark.label)}{score}'
        f'</title><rect class="casing" {place}/><rect {place}/>{text}</g>'
    )
