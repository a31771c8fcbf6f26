"""`xunhe detect`."""

from pathlib import Path
from typing import Annotated

import typer


def detect(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH…",
            help="图像、视频或文件夹 / pictures, videos or folders",
            show_default=False,
        ),
    ],
    model: Annotated[
        str, typer.Option(help="debris、discharge 或 ONNX 文件 / debris, discharge or FILE.onnx")
    ] = "debris",
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json",
            help="每帧一行 JSON；- 为标准输出 / a line of JSON a frame; - is standard output",
        ),
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(help="把画好框的副本写入此目录 / folder for copies with the boxes drawn"),
    ] = None,
    tile: Annotated[
        str,
        typer.Option(
            metavar="auto|off|N",
            help="大图另按重叠的方块查看，N 为边长（原图像素）/ large pictures are looked at in"
            " overlapping squares too; N is their side in pixels of the original",
        ),
    ] = "auto",
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="线程数，默认至多 2 / threads, by default at most 2"),
    ] = None,
    every: Annotated[
        float,
        typer.Option(
            min=0,
            help="视频与动图的取帧间隔（秒），0 为每一帧 / seconds between the frames taken from"
            " videos and animations; 0 takes every frame",
        ),
    ] = 0.5,
) -> None:
    """在图像和视频中找漂浮物或排污 / find floating debris or discharges in pictures and videos.

    读不出的文件记入结果，运行继续，退出状态为 1；选项有误为 2 / files that cannot be read are
    named, the run goes on and ends with status 1; wrong options end with 2.
    """
    # The libraries for pictures take a third of a second, which the other commands need not wait.
    from xunhe_tools.detect.job import Options, run  # noqa: PLC0415

    run(Options(paths, model, json_file, annotate, tile, threads, every))
