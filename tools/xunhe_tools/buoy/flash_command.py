"""`xunhe buoy flash`: a board, or several at once, from bare to the firmware."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from xunhe_tools import bundle
from xunhe_tools.buoy import flashing, images
from xunhe_tools.buoy.errors import BuoyError, StopError
from xunhe_tools.buoy.flashing import Desk, Flashed, Plan
from xunhe_tools.buoy.installing import Release
from xunhe_tools.buoy.keys import release_key
from xunhe_tools.buoy.list_command import HEADS, row
from xunhe_tools.buoy.looking import Found, look
from xunhe_tools.buoy.port import Port, chosen
from xunhe_tools.buoy.screen import DryRunOption, JsonOption, Screen, YesOption, outcome

_Result = Flashed | BuoyError


def flash(
    port: Annotated[
        list[str] | None, typer.Option("--port", envvar="XUNHE_PORT", help="可重复 / may repeat")
    ] = None,
    releases: Annotated[
        Path, typer.Option("--bundle", help="发布包的目录，如优盘 / folder of the bundle, a stick")
    ] = Path("releases"),
    number: Annotated[
        int | None, typer.Option("--release", help="缺省取最新 / the newest if left out")
    ] = None,
    image: Annotated[
        Path | None, typer.Option(help="MicroPython 镜像，空板需要 / needed by a bare board")
    ] = None,
    new_image: Annotated[
        bool, typer.Option("--new-image", help="有镜像也重写 / write the image once more")
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="发布公钥 release.pub / the release key's public half")
    ] = None,
    older: Annotated[bool, typer.Option("--older", help="允许退回旧版 / allow going back")] = False,
    despite_unsent: Annotated[
        list[str] | None,
        typer.Option(help="设备号：有未发读数也烧录，先另存 / flash this device despite them"),
    ] = None,
    saved: Annotated[Path, typer.Option(help="未发读数存到 / folder for unsent readings")] = Path(
        "saved"
    ),
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """烧录固件；中断了就再运行一次 / flash the firmware; interrupted, simply run it again."""
    screen = Screen(as_json=as_json)
    with outcome(screen):
        plan = Plan(
            _release(releases, number, key),
            saved,
            None if image is None else images.trusted(image),
            b"" if image is None else image.read_bytes(),
            new_image,
            older,
            frozenset(each.lower() for each in despite_unsent or ()),
        )
        paths = port or [chosen(None)]
        if dry_run:
            _preview(screen, plan, paths)
            return
        if not yes:
            plan = _agreed(screen, plan, [look(Port(path)) for path in paths])
        _tell_results(screen, plan, _flash_all(screen, plan, paths))


def _release(folder: Path, number: int | None, key: Path | None) -> Release:
    """A release whose signature was checked."""
    try:
        manifest, packed = bundle.load(folder, number)
        bundle.check(manifest, packed, release_key(key))
        entries = bundle.unpack(packed)
    except bundle.BundleError as error:
        raise StopError(str(error), "xunhe buoy bundle") from None
    return Release(manifest.release, manifest.version, manifest.board, entries)


def _agreed(screen: Screen, plan: Plan, boards: Sequence[Found]) -> Plan:
    """At a terminal the technician sees the boards first, and agrees to each loss by its number."""
    if not screen.asks or not screen.console.is_terminal:
        return plan
    screen.title("烧录", f"flash release {plan.release.number} ({plan.release.version})")
    screen.table(HEADS, [row(found) for found in boards])
    allowed = plan.despite_unsent | {b.device for b in boards if _is_given_up(screen, plan, b)}
    if not screen.confirm("开始？", "begin?", default=True):
        raise StopError("未做任何改动 / nothing was changed")
    return replace(plan, despite_unsent=allowed)


def _is_given_up(screen: Screen, plan: Plan, found: Found) -> bool:
    """Told twice: yes, and the device's number."""
    if not found.pending or found.device in plan.despite_unsent:
        return False
    screen.warn(
        f"{found.station} 有 {found.pending} 条未发送的读数，会先另存到 {plan.saved}",
        f"{found.pending} unsent readings, they are saved to {plan.saved} first",
    )
    return screen.confirm("仍要烧录？", "flash it all the same?") and (
        screen.ask("输入设备号确认", "type the device's number") == found.device
    )


def _preview(screen: Screen, plan: Plan, paths: Sequence[str]) -> None:
    boards = [look(Port(path)) for path in paths]
    for found in boards:
        flashing.check(found, plan)
        steps = " → ".join(_steps(found, plan))
        screen.say(f"{found.port.path}：{found.kind}", steps)
    screen.result({"boards": [{"port": b.port.path, "steps": _steps(b, plan)} for b in boards]})


def _steps(found: Found, plan: Plan) -> list[str]:
    steps = ["save readings"] if found.pending else []
    steps += ["write image"] if flashing.needs_image(found, plan) else []
    return [*steps, f"upload release {plan.release.number}", "verify", "restart"]


def _flash_all(screen: Screen, plan: Plan, paths: Sequence[str]) -> list[_Result]:
    """All boards at once; one that fails does not stop the others."""
    desk = Desk()
    with screen.progress() as progress, ThreadPoolExecutor(max_workers=len(paths)) as hands:
        return list(hands.map(lambda path: _flash_one(path, plan, desk, progress), paths))


def _flash_one(path: str, plan: Plan, desk: Desk, progress: Progress) -> _Result:
    task = progress.add_task(path, total=100)

    def tell(step: str, part: float) -> None:
        progress.update(task, description=f"{path} {step}", completed=100 * part)

    try:
        return flashing.flash(path, plan, desk, tell)
    except BuoyError as error:
        return error


def _tell_results(screen: Screen, plan: Plan, results: Sequence[_Result]) -> None:
    good = [result for result in results if isinstance(result, Flashed)]
    bad = [result for result in results if isinstance(result, BuoyError)]
    for result in good:
        screen.good(
            f"{result.path} {result.device}：写入 {result.written} 个文件",
            f"{result.written} files, release {plan.release.number}",
        )
        if result.saved:
            screen.say(f"另存 {result.saved} 条读数到 {plan.saved}", "readings saved there")
        if not result.is_provisioned:
            screen.say("下一步：xunhe buoy provision", f"next, on {result.path}")
    if bad and (screen.as_json or len(results) == 1):
        raise bad[0]
    for error in bad:
        screen.fail(error)
    if bad:
        raise typer.Exit(1)
    screen.result({"release": plan.release.number, "boards": [_json(result) for result in good]})


def _json(result: Flashed) -> dict[str, object]:
    return {
        "port": result.path,
        "device": result.device,
        "written": result.written,
        "provisioned": result.is_provisioned,
        "saved": result.saved,
    }
