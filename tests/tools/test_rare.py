"""What shrink/ moves out of the way: functions that are rare, and short expressions."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import xunhe_buoy
from xunhe_tools.shrink import shrink
from xunhe_tools.shrink.part import Rare, reach_once

VISITING = (Path(xunhe_buoy.__file__).parent / "visiting.py").read_text("utf-8")
TANK = """
FULL_MM = [100]

class Tank:
    def __init__(self):
        self.level_mm = 10

    def fill(self, by_mm=1):
        self.level_mm = _rounded(self.level_mm + by_mm)
        return self.level_mm < FULL_MM[0]

    def drain(self):
        self.level_mm = 0

def _rounded(level_mm):
    if level_mm < 0:
        level_mm = 0
    return round(level_mm)
"""
FILL = {"filling": {"xunhe_buoy.main": "Tank.fill _rounded"}}


def program(rare: Rare | None = None, **modules: str) -> dict[str, str]:
    """A program of xunhe_buoy, with its visits, whose root is module `main`."""
    sources = {f"xunhe_buoy.{name}": source for name, source in modules.items()}
    sources |= {"xunhe_buoy": "", "xunhe_buoy.visiting": VISITING}
    caller = "from xunhe_buoy.main import run\n"
    return shrink(sources, [caller], ["xunhe_buoy.main"], rare).sources


def run(folder: Path, sources: dict[str, str]) -> str:
    """What `main.run()` prints, and the modules that are there afterwards."""
    (folder / "xunhe_buoy").mkdir()
    for name, source in ({"xunhe_buoy.__init__": ""} | sources).items():
        if name != "xunhe_buoy":
            (folder / (name.replace(".", "/") + ".py")).write_text(source, "utf-8")
    code = (
        "import sys; from xunhe_buoy.main import run; run();"
        "print(sorted(one[11:] for one in sys.modules if one.startswith('xunhe_buoy.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_a_rare_method_comes_with_what_it_needs_and_leaves(tmp_path: Path) -> None:
    main = TANK + "def run():\n    tank = Tank()\n    print(tank.fill(2.4), tank.level_mm)\n"
    small = program(FILL, main=main)
    assert sorted(small) == ["xunhe_buoy.main", "xunhe_buoy.r0"]
    assert "round(" in small["xunhe_buoy.r0"]
    assert "round(" not in small["xunhe_buoy.main"]
    assert run(tmp_path, small) == "True 12\n['main']\n"


def test_what_others_call_too_is_found_by_a_stub(tmp_path: Path) -> None:
    main = TANK + "def run():\n    print(Tank().fill(), _rounded(1.4))\n"
    small = program(FILL, main=main)
    assert "round(" not in small["xunhe_buoy.main"]
    assert run(tmp_path, small) == "True 1\n['main']\n"


def test_a_rare_function_of_another_module_finds_what_it_names(tmp_path: Path) -> None:
    main = "from xunhe_buoy import tank\ndef run():\n    print(tank.Tank().fill(200))\n"
    small = program({"filling": {"xunhe_buoy.tank": "Tank.fill"}}, main=main, tank=TANK)
    assert run(tmp_path, small) == "False\n['main']\n"


def test_functions_of_two_modules_in_one_group_find_each_other(tmp_path: Path) -> None:
    pump = "def lift(mm):\n    if mm:\n        return mm\n    return 0\n"
    main = "from xunhe_buoy import pump\ndef raised(mm):\n    return pump.lift(mm) + 1\n"
    main += "def run():\n    print(raised(4))\n"
    rare = {"raising": {"xunhe_buoy.main": "raised", "xunhe_buoy.pump": "lift"}}
    small = program(rare, main=main, pump=pump)
    assert "return 0" in small["xunhe_buoy.r0"]
    assert run(tmp_path, small) == "5\n['main']\n"


@pytest.mark.parametrize("name", ["fill", "append"])
def test_a_name_that_means_several_things_keeps_a_stub(tmp_path: Path, name: str) -> None:
    other = f"class Other:\n    def {name}(self, n):\n        return n, self\n"
    main = TANK.replace("def fill", f"def {name}") + other
    main += f"def run():\n    print(Tank().{name}(5), Other().{name}(5)[0], end=' ')\n"
    main += "    words = []\n    words.append(1)\n    print(words)\n"
    small = program({"filling": {"xunhe_buoy.main": f"Tank.{name}"}}, main=main)
    assert run(tmp_path, small) == "True 5 [1]\n['main']\n"


def test_a_module_that_is_an_object_finds_its_rare_functions(tmp_path: Path) -> None:
    board = 'def sleep_deep(s):\n    print("asleep", s)\n'
    main = "from xunhe_buoy import board\ndef run():\n    _end(board)\n"
    main += "def _end(machine):\n    machine.sleep_deep(3)\n    print(hasattr(machine, 'lid'))\n"
    small = program({"going": {"xunhe_buoy.board": "sleep_deep"}}, main=main, board=board)
    assert run(tmp_path, small).startswith("asleep 3\nFalse\n")


def test_what_a_rare_function_raises_arrives_and_its_file_leaves(tmp_path: Path) -> None:
    main = "def reach():\n    raise ValueError('too far')\n"
    main += "def run():\n    try:\n        reach()\n"
    main += "    except ValueError as error:\n        print(error)\n"
    small = program({"far": {"xunhe_buoy.main": "reach"}}, main=main)
    assert run(tmp_path, small) == "too far\n['main']\n"


@pytest.mark.parametrize(
    ("call", "paths"), [("Tank().fill(by_mm=2)", "Tank.fill"), ("Tank(size=2)", "Tank.__init__")]
)
def test_a_rare_function_takes_no_keywords(call: str, paths: str) -> None:
    with pytest.raises(SyntaxError, match="keywords"):
        program({"a": {"xunhe_buoy.main": paths}}, main=TANK + f"def run():\n    {call}\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [("FULL_MM[0]", "super()"), ("    def fill", "    @property\n    def fill")],
)
def test_what_cannot_leave_its_class_is_refused(old: str, new: str) -> None:
    with pytest.raises(SyntaxError, match=r"cannot be moved"):
        program(FILL, main=TANK.replace(old, new) + "def run():\n    Tank().fill()\n")


@pytest.mark.parametrize("paths", ["Tank.empty", "Barrel.fill", "fill"])
def test_what_is_not_there_is_told(paths: str) -> None:
    with pytest.raises(SyntaxError, match=f"no function {paths}"):
        program({"a": {"xunhe_buoy.main": paths}}, main=TANK + "def run():\n    Tank().fill()\n")


BOX = """
class Box:
    def __init__(self, sides):
        self.sides = sides
    @property
    def width(self):
        return self.sides[0]
    def is_wider(self, other):
        return self.width > other
def _next():
    found.append(len(found))
    return found[-1]
def _either(one, other):
    return one or other
def _twice(n):
    return n + n
found = []
"""


def test_one_expression_goes_where_it_is_called(tmp_path: Path) -> None:
    main = BOX + "def run():\n    box = Box([3])\n    print(box.is_wider(2), box.width)\n"
    small = program(main=main)
    assert small["xunhe_buoy.main"].count("def ") == 2
    assert run(tmp_path, small) == "True 3\n['main']\n"


@pytest.mark.parametrize("call", ["_twice(_next() + 1)", "_either(1, _next())"])
def test_an_argument_is_looked_at_as_often_as_before(tmp_path: Path, call: str) -> None:
    main = BOX + f"def run():\n    {call}\n    print(found)\n"
    assert run(tmp_path, program(main=main)) == "[0]\n['main']\n"


def test_an_expression_stays_where_a_local_variable_hides_what_it_names(tmp_path: Path) -> None:
    main = "LIMITS = [4]\ndef _most():\n    return LIMITS[0]\n"
    main += "def run():\n    found = [LIMITS for LIMITS in (1, 2)]\n    print(_most(), found)\n"
    assert run(tmp_path, program(main=main)) == "4 [1, 2]\n['main']\n"


def test_two_modules_of_one_leaf_name_stay_two() -> None:
    tree = ast.parse("from a import mqtt as _1\nfrom a.b import mqtt as _2\nused = _1.x, _2.y")
    reach_once(tree)
    assert ast.unparse(tree).splitlines() == [
        "from a import mqtt as mqtt",
        "from a.b import mqtt as _mqtt",
        "used = (mqtt.x, _mqtt.y)",
    ]
