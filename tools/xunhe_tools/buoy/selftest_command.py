"""`xunhe buoy selftest`: the table of a buoy's parts."""

import time
from dataclasses import asdict
from typing import Annotated

import typer

from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.port import chosen
from xunhe_tools.buoy.screen import DryRunOption, JsonOption, PortOption, Screen, outcome
from xunhe_tools.buoy.selftest import Check, Part, checks

_MEASURE_S = 60.0
_LOOK_S = 2.0


def selftest(
    wait_s: Annotated[
        float, typer.Option(min=0, help="最多等多久联网 / how long to wait for the link")
    ] = 60.0,
    open_lid: Annotated[
        bool, typer.Option("--open-lid", help="开着盖测，不查密封 / the lid is open on purpose")
    ] = False,
    port: PortOption = None,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """自检：探头、总线、存储、通信、时钟、电池、密封 / test every part, say what to do."""
    screen = Screen(as_json=as_json)
    if dry_run:
        screen.say("只读：一次测量与自检", "it only reads: one measurement, one self-test")
        screen.result({"dry_run": True, "parts": [part.value for part in Part]})
        return
    with outcome(screen), Console(chosen(port)) as buoy:
        found = _wait_for_link(screen, buoy, wait_s)
    if open_lid:
        found = [check for check in found if check.part is not Part.SEAL]
    passed = all(check.passed for check in found)
    screen.table(
        ("部件 part", "名称 name", "", "测得 measured", "怎么办 what to do"),
        [
            (
                check.part.words,
                check.name,
                "[green]✓[/]" if check.passed else "[red]✗[/]",
                check.measured,
                check.advice,
            )
            for check in found
        ],
    )
    screen.result({"passed": passed, "checks": [asdict(check) for check in found]})
    if not passed:
        raise typer.Exit(1)
    screen.good("全部通过", "all parts pass")


def _wait_for_link(screen: Screen, buoy: Console, wait_s: float) -> list[Check]:
    """The rows; asked again while only the link is missing, for it may just be coming up."""
    deadline_s = time.monotonic() + wait_s
    while True:
        status = buoy.ask({"do": "log"})["status"]
        found = checks(buoy.ask({"do": "selftest"}, _MEASURE_S), status, time.time())
        missing = {check.part for check in found if not check.passed}
        if not missing & {Part.RADIO, Part.CLOCK} or time.monotonic() > deadline_s:
            return found
        screen.say("等待联网…", "waiting for the link")
        time.sleep(_LOOK_S)
