"""Generated files that need nothing but the package itself: drawn and counted from the netlist."""

from pathlib import Path

from hardware import bill, tables
from hardware.controller import netlist, sheets
from xunhe_tools.hardware.drawing import pdf
from xunhe_tools.hardware.power import budget, loads, places, report

FOLDER = Path(__file__).parent / "generated"


def files() -> dict[str, bytes]:
    """{name in generated/: content}."""
    wired = netlist.read((FOLDER / "controller.net").read_text("utf-8"))
    drawn = sheets.draw(wired)
    texts = {
        "bom.csv": bill.as_csv(wired),
        "pins.md": tables.pins(wired),
        "test_points.md": tables.test_points(wired),
        "power.md": tables.power(),
        "power.svg": _power_plot(),
        "floating.md": tables.afloat(),
        "cameras.md": tables.cameras(),
        "computers.md": tables.computers(),
    }
    for name, drawing in drawn.items():
        texts[f"controller-{sheets.TITLES[name][0]}-{name}.svg"] = drawing.svg()
    made = {name: text.encode() for name, text in texts.items()}
    made["controller.pdf"] = pdf(drawn.values(), "xunhe buoy controller, revision A")
    return made


def _power_plot() -> str:
    buoy, link = budget.Buoy(), loads.LINKS["4g"]
    found = {
        name: (climate, budget.simulate(buoy, link, climate))
        for name, climate in places.CITIES.items()
    }
    return report.plot(found, report.title(buoy, link)).svg()
