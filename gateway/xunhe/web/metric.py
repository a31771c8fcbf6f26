"""A metric and its text for Prometheus, format 0.0.4.

The writer is our own: client libraries keep counters inside the process, and ours live in tables.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric and its samples."""

    name: str
    kind: Literal["counter", "gauge"]
    explanation: str
    samples: tuple[tuple[Labels, float], ...]


def one(name: str, kind: Literal["counter", "gauge"], explanation: str, value: float) -> Metric:
    """A metric without labels."""
    return Metric(name, kind, explanation, (({}, float(value)),))


def exposition(found: Iterable[Metric]) -> str:
    """Metrics as text; one without samples is left out."""
    return "".join(line + "\n" for metric in found if metric.samples for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {_escaped(metric.explanation, quotes=False)}"
    yield f"# TYPE {metric.name} {metric.kind}"
    for labels, value in metric.samples:
        inner = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels.items())
        yield (
            f"{metric.name}{{{inner}}} {_number(value)}"
            if inner
            else (f"{metric.name} {_number(value)}")
        )


def _escaped(text: str, *, quotes: bool = True) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(int(value)) if value == int(value) else repr(float(value))
