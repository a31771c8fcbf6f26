"""The command `xunhe`: the gateway's commands and the tools'."""

from xunhe.cli import app
from xunhe_tools.demo.command import demo

app.command()(demo)


def main() -> None:
    """Entry point."""
    app()
