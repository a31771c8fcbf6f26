"""The report as one page of HTML that needs nothing beside it."""

from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files

from jinja2 import Environment

from xunhe.domain.flight import Flight
from xunhe.domain.registry import Reach
from xunhe_tools.hardware.drawing import Drawing
from xunhe_tools.patrol.report import facts
from xunhe_tools.patrol.report.figures import Figures


def document(flight: Flight, reach: Reach, figures: Figures) -> str:
    """The page."""
    text = files("xunhe_tools.patrol.report").joinpath("page.html").read_text("utf-8")
    template = Environment(autoescape=True).from_string(text)
    return template.render(
        flight=flight,
        title=facts.headline(reach),
        title_en=facts.headline_en(reach),
        sentence=facts.sentence(flight),
        facts=facts.facts(flight),
        about=facts.about(flight, reach),
        rows=facts.rows(flight),
        coverage=facts.coverage_words(flight),
        map=_svg(figures.map),
        axis=_svg(figures.axis),
        density=_svg(figures.density),
        strips=[_inside(data) for data in figures.strips],
        pictures=_all_inside(figures.pictures),
    )


def _svg(drawing: Drawing | None) -> str:
    return "" if drawing is None else drawing.svg()


def _all_inside(pictures: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _inside(data) for name, data in pictures.items()}


def _inside(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"
