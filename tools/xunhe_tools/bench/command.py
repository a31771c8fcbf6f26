"""`xunhe bench …`."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

bench_app = typer.Typer(help="测量 / measurements", no_args_is_help=True)

_ROWS = (
    ("pipeline_to_ideal", "全流程与理想之比 / pipeline to ideal", "≥ 0.90"),
    ("cameras_quiet_vs_script", "平静河面，相对脚本 / quiet, against the script", "≥ 3"),
    ("cameras_busy_vs_script", "繁忙河面，相对脚本 / busy, against the script", "≥ 1.3"),
    ("quiet_cameras", "可带的平静摄像机 / quiet cameras held", "≥ 24"),
    ("mib_per_camera", "每路内存 / memory a camera, MiB", "≤ 60"),
    ("latency_p99_s", "延迟第 99 百分位 / latency p99, s", "≤ 3"),
    ("false_incidents_per_hour", "每小时误报 / false incidents an hour", "≤ 1"),
)


@bench_app.command("vision")
def vision(
    as_json: Annotated[
        bool, typer.Option("--json", help="只输出 JSON / print only JSON on standard output")
    ] = False,
    full: Annotated[bool, typer.Option(help="长测，数小时 / the long form, hours")] = False,
    seed: Annotated[int, typer.Option(help="随机种子 / random seed")] = 1,
) -> None:
    """测量看摄像机的代价与快慢 / what watching cameras costs, and how soon it finds."""
    # It loads the models: other commands should start at once.
    from xunhe_tools.bench.vision.measure import FULL, SHORT, measure  # noqa: PLC0415

    err = Console(stderr=True, highlight=False)
    figures = measure(FULL if full else SHORT, seed, lambda line: err.print(line, style="dim"))
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    table = Table("指标 figure", "结果 result", "目标 goal")
    for key, title, goal in _ROWS:
        table.add_row(title, str(figures[key]), goal)
    Console().print(table)
