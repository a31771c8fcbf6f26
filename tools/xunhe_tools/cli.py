"""The command `xunhe`: the gateway's commands and the tools'."""

from xunhe.cli import app
from xunhe_tools.demo.command import demo
from xunhe_tools.doctor import doctor

app.command()(demo)
app.command()(doctor)


def main() -> None:
    """Entry point."""
    app()
