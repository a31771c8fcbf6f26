"""`xunhe buoy update`: sign, bring to the gateway, offer in waves, watch what becomes of it."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from xunhe_buoy import status
from xunhe_tools import bundle as bundles
from xunhe_tools.buoy import keys as fleet_keys
from xunhe_tools.buoy.errors import StopError
from xunhe_tools.buoy.provision_gateway import (
    Account,
    CaOption,
    Gateway,
    GatewayOption,
    PasswordOption,
    UserOption,
    session,
)
from xunhe_tools.buoy.screen import DryRunOption, JsonOption, Screen, YesOption, outcome
from xunhe_tools.buoy.update_rollout import (
    BAD,
    Course,
    RolloutError,
    Tally,
    course,
    tally,
    waves,
)
from xunhe_tools.byte_code import PACKAGE


def update(
    release: Annotated[int, typer.Argument(min=1, help="发布编号 / number of the release")],
    folder: Annotated[
        Path | None, typer.Option(help="发布目录，有 N.json 与 N.bundle / folder of releases")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="release.key：没有发布包就现做现签 / build and sign it now")
    ] = None,
    version: Annotated[str, typer.Option(help="要签名的版本 / version to sign")] = status.FIRMWARE,
    board: Annotated[str, typer.Option(help="板型 / board")] = "esp32s3",
    station: Annotated[list[str] | None, typer.Option(help="只给这些站 / these stations")] = None,
    share: Annotated[float, typer.Option(help="占全部的百分之几 / per cent of the fleet")] = 100.0,
    first: Annotated[int, typer.Option(min=1, help="第一批几个 / stations in wave one")] = 1,
    max_failures: Annotated[
        int, typer.Option(min=0, help="回退或拒绝超过几个即停 / stop beyond so many")
    ] = 1,
    wait_s: Annotated[float, typer.Option(min=0, help="最多看多久 / watch at most")] = 3600.0,
    look_s: Annotated[float, typer.Option(min=0.1, help="多久看一次 / look every")] = 10.0,
    gateway: GatewayOption = None,
    user: UserOption = "",
    password_file: PasswordOption = None,
    gateway_ca: CaOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """签名、分批下发、看确认，回退过多即停 / sign, offer in waves, watch, stop at rollbacks."""
    screen = Screen(as_json=as_json, asks=not yes)
    with outcome(screen):
        place = folder or Path("releases")
        if key is not None:
            _sign(place, release, (version, board), key)
        url = gateway or screen.ask("网关地址", "the gateway")
        if not url:
            raise StopError("没有网关 / no gateway was named", "--gateway http://HOST:8080")
        with session(Account(url, user, password_file, gateway_ca), screen) as server:
            if not dry_run:
                _bring(screen, server, place, release)
            plan = _plan(server, release, station or [], (share, first))
            _show_plan(screen, plan)
            if dry_run:
                screen.result({"dry_run": True, "release": release, "waves": plan})
                return
            if screen.asks and not screen.confirm("开始下发？", "Offer it?", default=False):
                raise StopError("没有下发 / nothing was offered")
            watched = (time.monotonic() + wait_s, look_s)
            end, states = _roll_out(screen, server, release, plan, max_failures, watched)
    _tell_end(screen, release, end, states)


def _sign(place: Path, release: int, what: tuple[str, str], key: Path) -> None:
    """Build and sign the firmware of this computer, as `xunhe buoy bundle` does."""
    version, board = what
    try:
        packed = bundles.build(PACKAGE, board)
        manifest = bundles.sign(packed, release, version, board, fleet_keys.seed(key))
        bundles.publish(place, manifest, packed)
    except bundles.BundleError as error:
        raise StopError(str(error), "xunhe buoy bundle --help") from None


def _bring(screen: Screen, server: Gateway, place: Path, release: int) -> None:
    """The signed release to the gateway, where this computer has it; else it must be there."""
    about = place / f"{release}.json"
    if about.exists():
        manifest = json.loads(about.read_text("utf-8"))
        server.bring_release(manifest, (place / f"{release}.bundle").read_bytes())
    found = server.release(release)
    screen.good(
        f"发布 {release}：{found['version']}（{found['board']}）已在网关", "is at the gateway"
    )


def _plan(
    server: Gateway, release: int, named: list[str], size: tuple[float, int]
) -> list[list[str]]:
    share, first = size
    try:
        if named:
            return waves(named, release, 100, first=len(named))
        return waves(server.stations(), release, share, first)
    except RolloutError as error:
        raise StopError(f"不能下发 / no rollout: {error}", "--station CODE, --share 10") from None


def _roll_out(
    screen: Screen,
    server: Gateway,
    release: int,
    plan: list[list[str]],
    most_failures: int,
    watched: tuple[float, float],
) -> tuple[Course, dict[str, Any]]:
    """Waves one after another until the end, or until the patience ends."""
    deadline_s, look_s = watched
    left = list(plan)
    server.offer(release, left.pop(0))
    before: Tally | None = None
    while True:
        states = {offer["station"]: offer for offer in server.release(release)["offers"]}
        now = tally({station: offer["state"] for station, offer in states.items()})
        if now != before:
            screen.say(
                f"已下发 {now.offered}，成功 {now.good}，失败 {now.bad}",
                f"offered {now.offered}, confirmed {now.good}, failed {now.bad}",
            )
            before = now
        where = course(now, len(left), most_failures)
        if where is Course.NEXT:
            server.offer(release, left.pop(0))
        elif where is not Course.WAITING or time.monotonic() > deadline_s:
            return where, states
        else:
            time.sleep(look_s)


def _tell_end(screen: Screen, release: int, end: Course, states: dict[str, Any]) -> None:
    screen.table(
        ("站点 station", "状态 state", "原因 reason"),
        [(code, offer["state"], offer["reason"] or "") for code, offer in sorted(states.items())],
    )
    screen.say(end.value[0], end.value[1])
    screen.result({"release": release, "end": end.name.lower(), "states": states})
    if end is Course.STOPPED or any(offer["state"] in BAD for offer in states.values()):
        raise typer.Exit(1)


def _show_plan(screen: Screen, plan: list[list[str]]) -> None:
    for i, wave in enumerate(plan, 1):
        screen.say(f"第 {i} 批 {len(wave)} 站：{', '.join(wave[:8])}", f"wave {i}")
