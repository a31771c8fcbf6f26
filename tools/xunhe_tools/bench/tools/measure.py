"""Pulls the cable under every command of the technician, at many bytes: how soon does it end, what
does it say, does the buoy run, does the same command go on?
"""

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe_tools.bench.tools.desk import DEVICE, RUNNING, Desk, DeskError, Job, said
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import BuoyError
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.usb_line import Cut

SHORT, FULL = 6, 40  # pulls a command
_LOOK_S = 0.01
_PATIENCE_S = 120.0  # a command that goes on longer after the pull is ended
_ANSWERS_S = 40.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull. `seconds` from it to the end of the command; None where it came too late.

    `stuck`: why the same command did not go on, empty where it did.
    """

    job: str
    byte: int
    cut: Cut
    seconds: float | None
    has_next_step: bool
    runs: bool
    stuck: str = ""


def measure(pulls: int, say: Say) -> dict[str, Any]:
    """The figures; seconds are of this machine's wall clock. DeskError."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        say("准备：密钥、发布包、镜像、板子 / preparing keys, bundles, an image, boards")
        desk.prepare()
        return figures([pull for job in desk.jobs() for pull in _pulls(desk, job, pulls, say)])


def figures(pulls: Sequence[Pull]) -> dict[str, Any]:
    """What is printed: of all pulls that came while their command was running."""
    met = [pull for pull in pulls if pull.seconds is not None]
    slowest_s: dict[str, float] = {}
    for pull in met:
        slowest_s[pull.job] = max(slowest_s.get(pull.job, 0.0), round(pull.seconds or 0.0, 2))
    return {
        "pulls": len(met),
        "too_late": len(pulls) - len(met),
        "slowest_s": max(slowest_s.values(), default=None),
        "slowest_s_by_command": slowest_s,
        "without_next_step": sum(not pull.has_next_step for pull in met),
        "dead_buoys": sum(not pull.runs for pull in pulls),
        "not_gone_on": sum(bool(pull.stuck) for pull in pulls),
    }


def _pulls(desk: Desk, job: Job, pulls: int, say: Say) -> list[Pull]:
    """Spread evenly over the bytes of a whole run, the power with every other one."""
    size = _bytes_of(desk, job)
    found = []
    for i in range(pulls):
        byte = max(1, round(size * (i + 0.5) / pulls))
        pull = _pull(desk, job, byte, list(Cut)[i % 2])
        say(f"{job.name}: {byte}/{size} {pull.cut} {_words(pull)}")
        found.append(pull)
    return found


def _words(pull: Pull) -> str:
    if pull.seconds is None:
        return "已做完 done before"
    words = [f"{pull.seconds:.2f} s"]
    words += [] if pull.has_next_step else ["没说怎么办 no next step"]
    words += [] if pull.runs else ["不运行 does not run"]
    words += [f"接不下去 does not go on: {pull.stuck}"] if pull.stuck else []
    return " ".join(words)


def _bytes_of(desk: Desk, job: Job) -> int:
    """What a run that nobody disturbs sends to the board."""
    with desk.board(job.begins_with) as board:
        _is_well(board, job)
        before = board.received
        told = said(desk.begin((*job.words, "--port", str(board.port))).communicate()[0])
        if not told.get("ok"):
            raise DeskError(f"{job.name}: {told}")
        return board.received - before


def _pull(desk: Desk, job: Job, byte: int, cut: Cut) -> Pull:
    with desk.board(job.begins_with) as board:
        _is_well(board, job)
        board.cut_after(byte, cut)
        words = (*job.words, "--port", str(board.port))
        seconds, told = _ended(desk.begin(words), board)
        board.cut_after(None)
        board.plug_in()
        board.power_cycle()
        runs = _is_well(board, job)
        named = ("--device", DEVICE) if job.name == "provision" else ()
        again = said(desk.begin((*words, *named)).communicate()[0])
    has_next = seconds is None or "xunhe buoy" in str(told.get("next"))
    stuck = "" if again.get("ok") else str(again.get("happened", "?"))
    return Pull(job.name, byte, cut, seconds, has_next, runs, stuck)


def _ended(
    process: subprocess.Popen[bytes], board: VirtualBoard
) -> tuple[float | None, dict[str, Any]]:
    """(seconds from the pull to its end, what it said)."""
    pulled_s: float | None = None
    while process.poll() is None:
        now_s = time.monotonic()
        if pulled_s is None and not board.is_plugged_in:
            pulled_s = now_s
        if pulled_s is not None and now_s > pulled_s + _PATIENCE_S:
            process.kill()
        time.sleep(_LOOK_S)
    took_s = None if pulled_s is None else time.monotonic() - pulled_s
    return took_s, said(process.communicate()[0])


def _is_well(board: VirtualBoard, job: Job) -> bool:
    """What was a buoy answers as one, as soon as it has started."""
    if job.begins_with != RUNNING:
        return True
    try:
        with Console(str(board.port)) as console:
            return console.ask({"do": "update"}, _ANSWERS_S)["slot"] in ("a", "b")
    except BuoyError:
        return False
