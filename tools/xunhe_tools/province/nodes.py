"""The broker of a province on one machine: NATS nodes of one JetStream cluster, each with MQTT."""

import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from xunhe_tools.demo.children import Child
from xunhe_tools.demo.plan import free_port

_CONFIG = """\
server_name: {name}
listen: 127.0.0.1:{client}
jetstream {{ store_dir: "{folder}/store", max_file_store: 4G }}
mqtt {{ listen: "127.0.0.1:{mqtt}" }}
"""
_CLUSTER = "cluster {{ name: xunhe, listen: 127.0.0.1:{route}, routes: [{routes}] }}\n"


class NodesError(RuntimeError):
    """The broker's program is missing; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Of one node: for desk workers, for gateways, for the other nodes."""

    client: int
    mqtt: int
    route: int


@dataclass(frozen=True, slots=True)
class Node:
    """One node and its process."""

    ports: Ports
    child: Child

    @property
    def address(self) -> str:
        """As desk workers name it."""
        return f"nats://127.0.0.1:{self.ports.client}"


def program() -> str:
    """The path of nats-server: the wheel's first. NodesError where there is none."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise NodesError("没有 nats-server / no nats-server: pip install 'xunhe[demo]'")
    return found


def make_nodes(folder: Path, count: int = 3) -> list[Node]:
    """Nodes that know each other; nothing runs yet."""
    ports = [Ports(free_port(0), free_port(0), free_port(0)) for _ in range(count)]
    routes = ", ".join(f'"nats://127.0.0.1:{each.route}"' for each in ports)
    # A node that is alone would wait for ever for others to elect a leader with.
    form = _CONFIG + (_CLUSTER if count > 1 else "")
    return [_node(folder / f"nats-{i + 1}", form, each, routes) for i, each in enumerate(ports)]


def _node(folder: Path, form: str, ports: Ports, routes: str) -> Node:
    folder.mkdir(parents=True)
    config = folder / "nats.conf"
    values = {"name": folder.name, "folder": folder, "routes": routes, **asdict(ports)}
    config.write_text(form.format(**values))
    return Node(ports, Child(folder.name, [program(), "-c", str(config)], folder / "log"))
