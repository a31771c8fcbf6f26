"""Real brokers for these tests: one NATS node with JetStream and MQTT."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from xunhe_tools.province.nodes import Node, NodesError, make_nodes, program


@contextmanager
def nats_node(folder: Path) -> Iterator[Node]:
    """A node of its own, which is a cluster of one for JetStream."""
    try:
        program()
    except NodesError as error:
        pytest.skip(str(error))
    (node,) = make_nodes(folder, 1)
    node.child.start()
    try:
        for port in (node.ports.client, node.ports.mqtt):
            _await(port)
        yield node
    finally:
        node.child.stop()


def _await(port: int) -> None:
    end_s = time.monotonic() + 30
    while time.monotonic() < end_s:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    pytest.fail(f"nothing listens on {port}")
