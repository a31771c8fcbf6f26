"""The passes of shrink/, one rule each, on programs of a few lines."""

import subprocess
from pathlib import Path

import pytest

from xunhe_tools.demo.children import micropython
from xunhe_tools.shrink import lengthen, shrink
from xunhe_tools.shrink.join import JoinError
from xunhe_tools.shrink.names import RESIDENT


def shrunk(*others: str, **modules: str) -> dict[str, str]:
    return shrink(modules, others).sources


def run(sources: dict[str, str], module: str, call: str) -> object:
    """What a call in a program of one module gives."""
    scope: dict[str, object] = {}
    exec(sources[module], scope)
    return eval(call, scope)


CALLER = "from a import main\n"


def test_a_constant_goes_where_it_is_used_and_its_name_goes() -> None:
    a = "LIMIT = 1 << 4\n_HALF = LIMIT // 2\ndef main():\n    return LIMIT + _HALF\n"
    assert shrunk(CALLER, a=a)["a"].split("\n") == ["def main():", "    return 24"]


def test_a_constant_of_another_module_needs_no_import() -> None:
    a = "from b import LIMIT\nimport b\ndef main():\n    return LIMIT\n"
    assert "LIMIT" not in shrunk(CALLER, a=a, b="LIMIT = 7\n")["a"]


@pytest.mark.parametrize("value", ["'a string of more than ten letters'", "(1, 2)", "[1]", "f()"])
def test_what_is_no_small_constant_stays_a_variable(value: str) -> None:
    a = f"def f():\n    return 1\nTABLE = {value}\ndef main():\n    return TABLE\n"
    assert run(shrunk(CALLER, a=a), "a", "main()") == run({"a": a}, "a", "main()")


def test_a_name_that_is_set_twice_is_no_constant() -> None:
    a = "N = 1\ndef main():\n    global N\n    N = 2\n    return N\n"
    assert run(shrunk(CALLER, a=a), "a", "main()") == 2


def test_what_nothing_names_is_dropped_and_what_a_caller_names_stays() -> None:
    a = "def main():\n    return 1\ndef other():\n    return more()\ndef more():\n    return 2\n"
    assert shrunk(CALLER, a=a)["a"] == "def main():\n    return 1"
    assert "return 2" in shrunk(CALLER, "from a import other\n", a=a)["a"]


def test_a_library_is_imported_even_where_nothing_of_it_is_used() -> None:
    assert "import json" in shrunk(a="import json\n")["a"]


def test_private_names_and_parameters_become_short() -> None:
    a = "def main(amount):\n    return _doubled(amount)\ndef _doubled(raw):\n    return 2 * raw\n"
    small = shrunk(CALLER, a=a)["a"]
    assert run({"a": small}, "a", "main(4)") == 8
    assert not any(word in small for word in ("amount", "_doubled", "raw"))


def test_names_that_strings_or_keywords_of_others_say_stay() -> None:
    a = (
        "class Section:\n    def __init__(self):\n        self.batch = 3\n"
        "def main():\n    return getattr(Section(), 'batch') + dict(seconds=4)['seconds']\n"
    )
    assert run(shrunk(CALLER, a=a), "a", "main()") == 7


def test_open_ended_keywords_are_data() -> None:
    a = "def tell(**fields):\n    return fields\ndef main(away_m=1):\n    return tell(away_m=2)\n"
    assert run(shrunk(CALLER, a=a), "a", "main()") == {"away_m": 2}


def test_a_traceback_gets_its_names_back() -> None:
    a = "def main():\n    return _first(())\ndef _first(many):\n    one = many[0]\n    return one\n"
    found = shrink({"a": a}, [CALLER])
    short = next(s for s, name in found.names["a"].items() if name == "_first")
    trace = f'  File "a", line 1, in main\n  File "a", line 1, in {short}'
    assert lengthen(trace, found.names).endswith("in main\n" + '  File "a", line 1, in _first')


def joined(*others: str, **modules: str) -> dict[str, str]:
    """A program whose root is module `main`."""
    names = {name.replace("__", "."): source for name, source in modules.items()}
    return shrink(names, others, ("main",)).sources


def test_modules_that_the_root_needs_become_one_and_behave_alike() -> None:
    sources = {
        "main": "import a\nfrom b import twice\ndef run():\n    return a.twice(1) + twice(10)\n",
        "a": "from b import twice as more\ndef twice(n):\n    return more(n) + 1\n",
        "b": "_FACTORS = [2]\ndef twice(n):\n    return n * _FACTORS[0]\n",
    }
    small = joined("from main import run\n", **sources)
    assert list(small) == ["main"]
    assert run(small, "main", "run()") == 3 + 20


def test_what_is_imported_inside_a_function_comes_when_it_is_needed() -> None:
    main = "def run():\n    from late import f\n    return f()\n"
    late = "import deep\ndef f():\n    return deep.g()\n"
    small = joined("from main import run\n", main=main, late=late, deep="def g():\n    return 1\n")
    assert sorted(small) == ["late", "main"]


def test_what_two_that_come_late_share_is_there_once() -> None:
    main = "def run():\n    from x import f\n    from y import g\n    return f() + g()\n"
    x, y = "import z\ndef f():\n    return z.one()\n", "import z\ndef g():\n    return z.one()\n"
    small = joined("from main import run\n", main=main, x=x, y=y, z="def one():\n    return 1\n")
    assert sorted(small) == ["main", "x", "y", "z"]


def test_a_visitor_stays_a_module_of_its_name() -> None:
    main = "import visiting\ndef run():\n    return visiting.call('late', 'read')\n"
    late = "import deep\ndef read():\n    return deep.read()\n"
    small = joined(
        "from main import run\nfrom visiting import call\n",
        main=main,
        pack__late=late,
        deep="def read():\n    return 1\n",
        visiting="def call(module, function):\n    return 0\n",
    )
    assert "def read" in small["pack.late"]
    assert "deep" not in small


def test_a_visitor_that_is_not_named_literally_is_refused() -> None:
    main = "import visiting\ndef run(name):\n    return visiting.call(name, 'read')\n"
    with pytest.raises(SyntaxError, match="literally"):
        joined("from main import run\n", main=main, visiting="def call(m, f):\n    return 0\n")


def test_what_others_import_stays_alone_with_what_it_imports() -> None:
    main = "import a\ndef run():\n    return a.f()\n"
    small = joined(
        "from main import run\nfrom a import f\n",
        main=main,
        a="import b\ndef f():\n    return b.g()\n",
        b="def g():\n    return 1\n",
    )
    assert sorted(small) == ["a", "b", "main"]


def test_a_local_variable_that_hides_a_name_which_must_change_is_refused() -> None:
    a = "def size():\n    return 1\ndef f(size):\n    return size\n"
    with pytest.raises(JoinError, match="a: rename the local variables"):
        joined(
            "from main import run\n",
            main="import a\ndef size():\n    return 2\ndef run():\n    return a.f(a.size())\n",
            a=a,
        )


def test_attributes_and_variables_may_be_called_the_same() -> None:
    main = (
        "class _Tank:\n    def __init__(self, level):\n        self.level_mm = level\n"
        "    def rise(self):\n        self.level_mm += _step()\n        return self.level_mm\n"
        "def _step():\n    return 5\n"
        "def run():\n    return _Tank(10).rise()\n"
    )
    assert run(joined("from main import run\n", main=main), "main", "run()") == 15


def test_names_are_those_that_the_interpreter_has_anyway(tmp_path: Path) -> None:
    program = micropython()
    if program is None:
        pytest.skip("MicroPython is not installed")
    words = RESIDENT.read_text("utf-8").split()
    script = tmp_path / "names.py"
    script.write_text("\n".join(["import micropython", "micropython.qstr_info(1)", *words]))
    done = subprocess.run([program, script], capture_output=True, text=True, check=False)
    new = {line[2:-1] for line in done.stdout.splitlines() if line.startswith("Q(")}
    assert words
    assert not new & set(words)
