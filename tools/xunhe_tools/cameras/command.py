"""`xunhe cameras discover`, `xunhe cameras show`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

cameras_app = typer.Typer(
    help="寻找摄像机，读出地址与预置位 / find cameras, read addresses and presets",
    no_args_is_help=True,
)

JsonOption = Annotated[bool, typer.Option("--json", help="JSON")]


@cameras_app.command("discover")
def discover(
    interface: Annotated[
        str,
        typer.Option(
            help="本机在摄像机网段的地址，可不写"
            " / this machine's address in the cameras' network, if it has several",
        ),
    ] = "",
    listen_s: Annotated[float, typer.Option(min=0.5, max=30, help="等待秒数 / seconds")] = 3.0,
    as_json: JsonOption = False,
) -> None:
    """在局域网里寻找 ONVIF 摄像机 / look for ONVIF cameras on the local network."""
    from xunhe.adapters.camera.discovery import discover as ask  # noqa: PLC0415
    from xunhe.cli import fail  # noqa: PLC0415

    try:
        found = ask(interface, listen_s)
    except OSError as error:
        fail(f"{interface}: {error.strerror}：用 ip -4 addr 查本机地址 / see ip -4 addr")
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=1))
        return
    for each in found:
        typer.echo(f"{each.device_url}  {each.name} {each.hardware} {each.location}".rstrip())
    if found:
        typer.echo("下一步 / next: xunhe cameras show 地址 ADDRESS --user 用户 USER")
    else:
        typer.echo(
            "没有回应：在摄像机设置里打开 ONVIF，或用 --interface 指定网段"
            " / nobody answered: switch ONVIF on in the cameras, or name the network by --interface"
        )


@cameras_app.command("show")
def show(
    address: Annotated[str, typer.Argument(help="ONVIF 地址 / address of the ONVIF service")],
    user: Annotated[str, typer.Option(help="用户 / user")] = "admin",
    password: Annotated[
        str,
        typer.Option(
            envvar="XUNHE_CAMERA_PASSWORD", prompt="密码 / password", hide_input=True, help="密码"
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """列出码流与预置位，写成 cameras.toml 的样子 / streams and presets as entries of cameras.toml.

    打印的内容不含密码 / what is printed holds no password.
    """
    from xunhe.adapters.camera.trouble import SourceError  # noqa: PLC0415
    from xunhe.cli import fail  # noqa: PLC0415
    from xunhe_tools.cameras.entry import device, entries  # noqa: PLC0415

    try:
        found = device(address, user, password)
    except SourceError as error:
        fail(f"{address}: {error}")
    typer.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else entries(found))
