"""The passes of shrink/, one rule each, on programs of a few lines."""

import pytest

from xunhe_tools.shrink import lengthen, shrink


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
    a = "def main():\n    return _first_of(())\ndef _first_of(many):\n    return many[0]\n"
    found = shrink({"a": a}, [CALLER])
    short = next(s for s, name in found.names["a"].items() if name == "_first_of")
    trace = f'  File "a.py", line 1, in main\n  File "a.py", line 1, in {short}'
    assert lengthen(trace, found.names).endswith(
        "in main\n" + '  File "a.py", line 1, in _first_of'
    )
