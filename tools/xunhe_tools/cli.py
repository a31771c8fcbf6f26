"""The command `xunhe`: the gateway's commands and the tools'."""

from xunhe.cli import app
from xunhe_tools.demo.command import demo
from xunhe_tools.detect.command import detect
from xunhe_tools.doctor import doctor
from xunhe_tools.model.command import model

app.command()(demo)
app.command()(detect)
app.command()(doctor)
app.add_typer(model, name="model")


def main() -> None:
    """Entry point."""
    app()
