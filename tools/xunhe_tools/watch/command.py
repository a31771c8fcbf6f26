"""`xunhe watch`."""

from pathlib import Path
from typing import Annotated

import typer


def watch(
    video: Annotated[
        str,
        typer.Argument(
            metavar="VIDEO|URL",
            help="录像、文件夹或视频流地址 / a recording, a folder of them, or a stream's address",
            show_default=False,
        ),
    ],
    zones: Annotated[
        Path | None,
        typer.Option(
            help="监测区文件（JSON）；无则整幅为水面 / the zones' file (JSON); without it the whole"
            " picture is water",
        ),
    ] = None,
    json_file: Annotated[
        Path | None,
        typer.Option(
            "--json",
            help="写入事件与证据图；- 为标准输出，无图 / incidents, with pictures beside the file;"
            " - is standard output, without pictures",
        ),
    ] = None,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.mp4",
            help="写入画有监测区、框和事件的视频 / a video with zones, boxes and incidents drawn",
        ),
    ] = None,
    realtime: Annotated[
        bool,
        typer.Option(
            "--realtime",
            help="按录像自身的速度，无事时只解码关键帧，如网关所为 / at the recording's own pace,"
            " key frames alone while nothing happens, as the gateway does",
        ),
    ] = False,
) -> None:
    """用网关的视觉流程看一段录像或视频流 / the gateway's own eyes on a recording or a stream.

    录像结果可复现。损坏处会列出，退出状态为 1；选项或监测区文件有误为 2；Ctrl-C 结束并保留已有结果
    / the same recording gives the same result. Damage is named and ends with status 1; wrong
    options and zones end with 2; Ctrl-C ends it and keeps what was found.
    """
    # The libraries for pictures take a third of a second, which the other commands need not wait.
    from xunhe_tools.watch.job import Options, run  # noqa: PLC0415

    run(Options(video, zones, json_file, annotate, realtime))
