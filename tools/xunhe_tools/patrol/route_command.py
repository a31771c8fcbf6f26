"""`xunhe patrol route`: the way that a post's patrol is meant to go, out of a GPX file."""

from pathlib import Path
from typing import Annotated

import typer

from xunhe.cli import ConfigOption, fail, settings_of


def route(
    file: Annotated[Path, typer.Argument(help="GPX：轨迹或画好的路线 / a track or a route")],
    post: Annotated[str, typer.Option(help="岗位编码 / code of the post")],
    name: Annotated[
        str, typer.Option(help="路线名称，同名则替换 / its name; the same is replaced")
    ],
    name_en: Annotated[str, typer.Option(help="英文名称 / in English")] = "",
    registry: Annotated[
        Path | None, typer.Option(help="登记册文件夹 / folder of the registry")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """登记岗位的规划路线；网关重启后，每次巡河与它比较 / lay down a post's planned route.

    After the gateway's next start every patrol of the post is compared with it.
    """
    from xunhe.adapters import registry_file, routes_file  # noqa: PLC0415
    from xunhe.adapters.gpx import GpxError, read_line  # noqa: PLC0415
    from xunhe.domain.planned_route import PlannedRoute  # noqa: PLC0415
    from xunhe.domain.registry import RegistryError  # noqa: PLC0415

    folder = registry or settings_of(config).registry.folder
    try:
        posts = registry_file.load(folder).posts
        if post not in posts:
            fail(f"没有岗位 {post}：已登记 / no such post; registered: {', '.join(posts)}")
        planned = PlannedRoute(post, name, name_en, tuple(read_line(file.read_bytes())))
        was_there = routes_file.add_route(folder, planned)
    except GpxError as error:
        fail(f"{file}：{error.zh} / {error}")
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    except RegistryError as error:
        fail(str(error))
    done = "已替换 replaced" if was_there else "已登记 laid down"
    typer.echo(f"{done}: {post} {name}，{planned.length_m / 1000:.2f} km")
