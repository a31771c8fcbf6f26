"""`xunhe buoy bundle`, `keys` and `image`: what a technician carries to the boards."""

from pathlib import Path
from typing import Annotated

import typer

from xunhe_buoy import status
from xunhe_tools import bundle as bundles
from xunhe_tools.buoy import images
from xunhe_tools.buoy import keys as fleet_keys
from xunhe_tools.buoy.errors import StopError
from xunhe_tools.buoy.screen import DryRunOption, JsonOption, Screen, outcome
from xunhe_tools.byte_code import PACKAGE

image_app = typer.Typer(
    help="已知的 MicroPython 镜像 / known MicroPython images", no_args_is_help=True
)


def bundle(
    number: Annotated[int, typer.Argument(min=1, help="编号，只增 / number, only grows")],
    key: Annotated[Path, typer.Option(help="发布私钥 / the release key")] = Path("release.key"),
    board: Annotated[str, typer.Option(help="板型 / board")] = "esp32s3",
    version: Annotated[str, typer.Option(help="版本 / version")] = status.FIRMWARE,
    out: Annotated[Path, typer.Option(help="目录，如优盘 / folder, a stick")] = Path("releases"),
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """编译并签名固件，同源同字节 / compile and sign the firmware: same sources, same bytes."""
    screen = Screen(as_json=as_json)
    with outcome(screen):
        secret = fleet_keys.seed(key)
        try:
            packed = bundles.build(PACKAGE, board)
            manifest = bundles.sign(packed, number, version, board, secret)
            if not dry_run:
                bundles.publish(out, manifest, packed)
        except bundles.BundleError as error:
            raise StopError(str(error)) from None
        screen.good(
            f"{out}/{number}.bundle：{board}，{len(packed)} 字节",
            f"{len(bundles.unpack(packed))} files, release {number}, version {version}",
        )
        screen.say(f"SHA-256 {manifest.sha256}", "the same on every computer")
        screen.result({"release": number, "size": manifest.size, "sha256": manifest.sha256})


def keys(
    folder: Annotated[Path, typer.Argument(help="目录，最好在优盘上 / folder, best on a stick")],
    as_json: JsonOption = False,
) -> None:
    """生成发布密钥与根密钥 / make the release key and the root key."""
    screen = Screen(as_json=as_json)
    with outcome(screen):
        made = fleet_keys.make(folder)
        for file in made:
            screen.good(str(file), "私钥，保密 secret" if file.suffix == ".key" else "公钥 public")
        screen.say(
            "root.key 离线保存；公钥拷给每位技术员",
            "keep root.key offline; give technicians the .pub",
        )
        screen.result({"files": [str(file) for file in made]})


@image_app.command("add")
def add_image(
    file: Annotated[Path, typer.Argument(help="镜像文件 / the image's file")],
    as_json: JsonOption = False,
) -> None:
    """检查镜像并记下它的摘要 / check an image and remember its digest."""
    screen = Screen(as_json=as_json)
    with outcome(screen):
        image = images.add(file)
        screen.good(f"{image.name}：{image.program}", f"flash of {image.flash_bytes >> 20} MiB")
        screen.say(f"SHA-256 {image.sha256}", "与下载页核对 compare with the download page")
        screen.result({"sha256": image.sha256, "program": image.program})


@image_app.command("list")
def list_images(as_json: JsonOption = False) -> None:
    """列出已知的镜像 / list known images."""
    screen = Screen(as_json=as_json)
    with outcome(screen):
        found = images.known()
        heads = ("文件 file", "程序 program", "闪存 flash", "SHA-256")
        screen.table(
            heads, [(i.name, i.program, f"{i.flash_bytes >> 20} MiB", i.sha256) for i in found]
        )
        screen.result({"images": [image.sha256 for image in found]})
