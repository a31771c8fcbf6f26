"""Takes the pictures of tools/README.md: `python docs/take_buoy_pictures.py`, about a minute.

A virtual board goes through a technician's day at real terminals: bare, flashed, provisioned at a
running gateway, tested, calibrated in virtual buffers, looked at.
"""

import shlex
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

from terminal_picture import picture, typed  # noqa: E402

from tests.firmware.virtual_probes import Probes  # noqa: E402
from tests.tools.buoy.gateway import STATION, RunningGateway, running_gateway  # noqa: E402
from tests.tools.buoy.vessels import PROBE, ph_probe, potential, put_into  # noqa: E402
from xunhe_tools.virtual_board.board import VirtualBoard  # noqa: E402
from xunhe_tools.virtual_board.image import make_image  # noqa: E402
from xunhe_tools.virtual_board.processor import Hardware  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
PORT = "board.tty"
DEVICE = "02a1b2c3d4e5"
BUFFERS = ("6.865", "9.180")


class Bench:
    """A folder with a board, and what a technician types there."""

    def __init__(self, folder: Path, gateway: RunningGateway) -> None:
        self.folder = folder
        self._env = {
            "XUNHE_BUOY_HOME": "home",
            "XUNHE_PORT": PORT,
            "XUNHE_GATEWAY": gateway.url,
            "XUNHE_USER": gateway.options()[3],
            "XUNHE_PASSWORD": gateway.password_file.read_text().strip(),
            "XUNHE_WIFI_PASSWORD": "a river password",
        }

    def type(
        self, line: str, name: str = "", answer: Callable[[str], str] = lambda question: ""
    ) -> None:
        """A line; with a name it becomes a picture."""
        said = typed(shlex.split(line)[1:], self.folder, self._env, answer)
        if name:
            picture(line, said, FOLDER / f"buoy-{name}.svg")
            print(f"buoy-{name}.svg")
        else:
            print(said)


def main() -> None:
    """The technician's day."""
    with (
        tempfile.TemporaryDirectory() as name,
        Probes(ph_probe()) as probes,
        running_gateway(Path(name) / "gateway") as gateway,
    ):
        folder = Path(name)
        (folder / "micropython.bin").write_bytes(make_image())
        buses = {"serial": probes.port, "baud": 9600}
        with VirtualBoard(folder / PORT, Hardware(folder / "board", DEVICE, buses=buses)):
            day(Bench(folder, gateway), probes, gateway)


def day(bench: Bench, probes: Probes, gateway: RunningGateway) -> None:
    """Each command in its order."""
    bench.type("xunhe buoy keys home")
    bench.type("xunhe buoy bundle 7 --board virtual --key home/release.key")
    bench.type("xunhe buoy image add micropython.bin", "image")
    bench.type("xunhe buoy flash --image micropython.bin", "flash", lambda question: "y")
    provision = f"xunhe buoy provision --station {STATION} --update-keys home --probe {PROBE}"
    provision += f" --broker 127.0.0.1:{gateway.mqtt_port} --wifi river --sample-interval-s 10"
    bench.type(provision + " --by 李工", "provision")
    bench.type("xunhe buoy selftest", "selftest")
    hand = Hand(probes)
    bench.type(f"xunhe buoy calibrate {PROBE} --window-s 2 --readings 3", "calibrate", hand)
    bench.type("xunhe buoy watch --count 12 --interval-s 0.2", "watch")
    bench.type("xunhe buoy logs", "logs")
    bench.type("xunhe buoy doctor", "doctor")
    bench.type("xunhe buoy bundle 8 --board virtual --key home/release.key")
    watched = f"xunhe buoy update 8 --station {STATION} --look-s 1"
    bench.type(watched, "update", lambda question: "y")
    with VirtualBoard(bench.folder / "bare.tty", Hardware(bench.folder / "bare")):
        bench.type(f"xunhe buoy list --port {PORT} --port bare.tty --port gone.tty", "list")


class Hand:
    """Answers the wizard, and moves the probe from buffer to buffer."""

    def __init__(self, probes: Probes) -> None:
        self._probes, self._buffers = probes, iter(BUFFERS)

    def __call__(self, question: str) -> str:
        if "press Enter" in question:
            put_into(self._probes, potential(next(self._buffers)))
            return ""
        if "standards" in question:
            return " ".join(BUFFERS)
        if "lot of" in question:
            return "A2031"
        if "who calibrates" in question:
            return "李工"
        return "y" if "[y/n]" in question else ""


if __name__ == "__main__":
    main()
