"""A gateway knows every node of the cluster and tries them in turn."""

from pathlib import Path

import pytest

from xunhe.outward_settings.file import load_outward
from xunhe.outward_settings.upstream import ProvinceSettings
from xunhe.settings import SettingsError

NODES = ProvinceSettings(
    name="G0001", host="a", port=1, tls=False, key="00" * 32, nodes=("b:2", "c:3")
)


@pytest.mark.parametrize(
    ("turn", "address"), [(0, ("a", 1)), (1, ("b", 2)), (2, ("c", 3)), (3, ("a", 1)), (4, ("b", 2))]
)
def test_the_nodes_take_turns(turn: int, address: tuple[str, int]) -> None:
    at = NODES.at_node(turn)
    assert (at.host, at.port) == address
    assert (at.name, at.key) == (NODES.name, NODES.key)


def test_the_key_is_not_shown() -> None:
    assert "0000" not in repr(NODES)


@pytest.mark.parametrize(
    ("line", "said"),
    [('name = "a.b"', "name"), ('key = "12"', "key"), ('nodes = ["no-port"]', "nodes")],
)
def test_a_wrong_entry_is_named(line: str, said: str, tmp_path: Path) -> None:
    entries = {"name": '"G1"', "host": '"h"', "key": f'"{"00" * 32}"'}
    name, _, value = line.partition(" = ")
    entries[name] = value
    file = tmp_path / "outward.toml"
    lines = [f"{key} = {text}" for key, text in entries.items()]
    file.write_text("[province]\n" + "\n".join(lines))
    with pytest.raises(SettingsError, match=said):
        load_outward(file)
