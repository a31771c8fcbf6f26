"""Generated files that need SKiDL, WireViz (a process of its own: GPL) and build123d."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from build123d import Compound

from hardware import inputs
from hardware.buoy import cad, marks
from hardware.buoy.shape import Shape
from hardware.controller import controller
from xunhe_tools.hardware import floating

_HARNESS = Path(__file__).parent / "harness/harness.yml"


def files() -> dict[str, bytes]:
    """{name in generated/: content}."""
    hull = floating.Hull()
    model = cad.assembly(hull, Shape())
    afloat = floating.float_of(hull, floating.MASSES)
    texts = {
        "controller.net": controller.netlist(),
        "harness.svg": _harness(),
        "buoy.step": cad.step(model),
        "buoy-side.svg": cad.picture(
            model, "side", "侧视 / side", marks.of_side(hull, Shape(), afloat.draught_m)
        ).svg(),
        "buoy-above.svg": cad.picture(
            model,
            "above",
            "俯视，虚线是盖下的井 / above; dashed: the well beneath its lid",
            marks.of_above(hull, Shape()),
        ).svg(),
        "buoy-oblique.svg": cad.picture(model, "oblique", "斜视 / oblique").svg(),
        "inputs.json": json.dumps(_record(model, hull), indent=1) + "\n",
    }
    return {name: text.encode() for name, text in texts.items()}


def _record(model: Compound, hull: floating.Hull) -> dict[str, object]:
    """Hashes of the sources, and the solid hull's volume for the formula to be compared with."""
    return {
        "sources": inputs.hashes(),
        "hull_solid_m3": round(cad.hull_solid(hull).volume / 1e9, 9),
        "solids": len(model.solids()),
    }


def _harness() -> str:
    """Without Graphviz' version, which is of no interest to the drawing."""
    wireviz = Path(sys.executable).parent / "wireviz"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(  # noqa: S603 (our own file)
            [wireviz, "-f", "s", "-o", folder, _HARNESS], check=True, stdout=subprocess.DEVNULL
        )
        text = (Path(folder) / "harness.svg").read_text("utf-8")
    return re.sub(r"<!--.*?-->\n?", "", text, flags=re.DOTALL)
