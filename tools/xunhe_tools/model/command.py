"""`xunhe model` and what is below it."""

import typer

from xunhe_tools.model.adapt import adapt
from xunhe_tools.model.data_check import check
from xunhe_tools.model.evaluate import evaluate
from xunhe_tools.model.train import train

model = typer.Typer(help="模型 / models", no_args_is_help=True)
data = typer.Typer(help="标注数据 / labelled data", no_args_is_help=True)

data.command()(check)
model.command()(train)
model.command()(adapt)
model.command("eval")(evaluate)
model.add_typer(data, name="data")
