"""The rules of points from their TOML file."""

import tomllib
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from xunhe.desk.points import PointRules

_SHIPPED = Path(__file__).with_name("points.toml")
_RULES = TypeAdapter(PointRules)


class PointRulesError(ValueError):
    """What is wrong with the file."""


def load(path: Path | None = None) -> PointRules:
    """The rules of a file, the shipped ones without one. PointRulesError with every problem."""
    source = path or _SHIPPED
    try:
        found = tomllib.loads(source.read_text("utf-8"))
        return _RULES.validate_python(found, extra="forbid")
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PointRulesError(f"{source}: {error}") from error
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise PointRulesError("\n".join(f"{source}: {problem}" for problem in problems)) from error
