"""One board from whatever it is to the release: every step may be the last, all can be repeated.

    look → save what was not sent → image → upload → stage → does it answer? → confirm

What runs is untouched until the release lies complete and verified beside it; a release that does
not answer is left again by the buoy itself (firmware/xunhe_boot/slots.py).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from xunhe_tools.buoy import chip, installing, layout, partitions, records
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import AGAIN, BuoyError, PortError, SilentError, StopError
from xunhe_tools.buoy.images import Image
from xunhe_tools.buoy.looking import Found, Kind, look
from xunhe_tools.buoy.port import Port
from xunhe_tools.buoy.repl import Repl

_START_S = 6.0  # from a reset to an answer; with the last try it stays below 10 s
_ALL = 1 << 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What to put on the boards, and what the technician allows."""

    release: installing.Release
    saved: Path  # folder for records that were not sent
    image: Image | None = None
    image_bytes: bytes = b""
    writes_image_anew: bool = False
    takes_older: bool = False
    despite_unsent: frozenset[str] = frozenset()  # device numbers


@dataclass(slots=True)
class Desk:
    """The boards of one command: two of them with one number are a mistake somewhere."""

    _owner: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, device: str, path: str) -> None:
        """StopError where another port has this number already."""
        with self._lock:
            other = self._owner.setdefault(device, path)
        if other != path:
            raise StopError(
                f"{path} 与 {other} 的设备号相同 / have the same number: {device}",
                "一次只插一块，查清是哪一块被克隆 / plug in one at a time and find the clone",
            )


@dataclass(frozen=True, slots=True)
class Flashed:
    """How it went with one board."""

    path: str
    device: str
    written: int  # files that had to be written
    is_provisioned: bool
    saved: int = 0  # records saved before


Tell = Callable[[str, float], None]  # (step in both languages, 0..1)


def flash(path: str, plan: Plan, desk: Desk, tell: Tell) -> Flashed:
    """Flash one board; every failure is a BuoyError that says how to go on."""
    tell("看板子 / look", 0)
    found = look(Port(path))
    check(found, plan)
    if found.device:
        desk.claim(found.device, path)
    try:
        saved = save_unsent(found, plan, tell)
        if needs_image(found, plan):
            write_image(found, plan, tell)
        return _install(found, plan, desk, tell, saved)
    except PortError as error:  # it was there when the board was looked at
        raise error.with_next(AGAIN) from None


def check(found: Found, plan: Plan) -> None:
    """StopError unless the plan may go ahead on what was found."""
    path = found.port.path
    if found.kind is Kind.CLOSED:
        raise BuoyError(found.trouble, found.next_step)
    if found.kind is Kind.SILENT and not (plan.writes_image_anew and chip.has_reset_lines(path)):
        step = f"{found.next_step}；板上是别的程序 / another program is on it: --new-image"
        raise BuoyError(found.trouble, step)  # a buoy that sleeps is silent too, with its readings
    if found.board not in ("", plan.release.board):
        raise StopError(
            f"{path} 是 {found.board}，固件是给 {plan.release.board} 的"
            f" / is a {found.board}, the release is for {plan.release.board}",
            f"xunhe buoy bundle --board {found.board}",
        )
    if (found.release or 0) > plan.release.number and not plan.takes_older:
        raise StopError(
            f"{path} 上的固件更新：{found.release} > {plan.release.number}"
            f" / runs a newer release: {found.release} > {plan.release.number}",
            "真要退回，加 / to go back on purpose, add: --older",
        )
    if found.pending and found.device not in plan.despite_unsent:
        raise StopError(
            f"{path} 有 {found.pending} 条未发送的读数 / holds {found.pending} unsent readings",
            "让它先发完；或（先另存）/ let it send them first; or (they are saved first):"
            f" --despite-unsent {found.device}",
        )


def save_unsent(found: Found, plan: Plan, tell: Tell) -> int:
    """Save the records of a buoy that has not sent them all; how many."""
    if not found.pending:
        return 0
    tell("另存读数 / save readings", 0)
    file = plan.saved / f"{found.device}-{found.station}.csv"
    with Console(found.port.path) as console:
        count = records.save(records.records(console, _ALL), file)
    if count < found.pending:
        raise StopError(
            f"只读出 {count} 条，少于未发送的 {found.pending} 条 / only {count} of"
            f" {found.pending} unsent readings could be read",
            "xunhe buoy doctor",
        )
    return count


def write_image(found: Found, plan: Plan, tell: Tell) -> None:
    """MicroPython with the buoy's partition table, verified; skipped where it is there already."""
    path, image = found.port.path, plan.image
    if image is None:
        raise StopError(
            f"{path} 上还没有 MicroPython / has no MicroPython yet",
            "给出镜像 / give the image: --image FILE",
        )
    tell("进入引导 / bootloader", 0)
    if found.kind not in (Kind.BOOTLOADER, Kind.SILENT) and not chip.has_reset_lines(path):
        with Repl(path) as repl:
            repl.enter_bootloader()
    there = chip.identify(path)
    if there.flash_bytes < image.flash_bytes:
        raise StopError(
            f"{path} 的闪存 {there.flash_bytes >> 20} MiB，镜像要 {image.flash_bytes >> 20} MiB"
            f" / flash of {there.flash_bytes >> 20} MiB, image for {image.flash_bytes >> 20} MiB",
            f"取 {there.flash_bytes >> 20} MiB 的镜像 / take the image for that size",
        )
    content = partitions.with_table(plan.image_bytes, image.flash_bytes)
    if chip.holds(path, content):
        chip.start_program(path)
    else:
        chip.write(path, content, lambda percent: tell("写镜像 / image", percent / 100))


def needs_image(found: Found, plan: Plan) -> bool:
    """A buoy that runs keeps its image unless told: while that is written nothing can run."""
    return found.kind is Kind.BOOTLOADER or plan.writes_image_anew


def _install(found: Found, plan: Plan, desk: Desk, tell: Tell, saved: int) -> Flashed:
    path, release, done = found.port.path, plan.release, 0

    def progress(size: int) -> None:
        nonlocal done
        done += size
        tell("上传固件 / firmware", min(1.0, done / release.size))

    with _repl_soon(path) as repl:
        device = repl.hardware_id()
        desk.claim(device, path)
        _want_board(repl, release)
        written = installing.upload(repl, release, progress)
        slot = installing.slots(repl).spare
        is_provisioned = repl.read(layout.CONFIG) is not None
        installing.stage(repl, release)
        if not is_provisioned:
            installing.confirm(repl, slot)
        tell("重启 / restart", 1)
        repl.restart()
    if is_provisioned:
        _prove(path, slot, tell)
    return Flashed(path, device, written, is_provisioned, saved)


def _prove(path: str, slot: str, tell: Tell) -> None:
    """The new version has to answer before the old one is given up."""
    tell("新版应答？ / does it answer?", 1)
    deadline_s = time.monotonic() + _START_S
    with Console(path) as console:
        while True:
            try:
                running = console.ask({"do": "update"}, 2)
                break
            except SilentError:
                if time.monotonic() > deadline_s:
                    raise StopError(
                        "新版没有应答，浮标会自己退回旧版 / the new version does not answer; the"
                        " buoy goes back to the old one by itself",
                        "xunhe buoy logs",
                    ) from None
    if running["slot"] != slot:
        raise StopError(
            f"运行的仍是 {running['slot']} / still runs {running['slot']}", "xunhe buoy logs"
        )
    with Repl(path) as repl:
        installing.confirm(repl, slot)
        repl.restart()


def _repl_soon(path: str) -> Repl:
    """A session with a board that may still be starting."""
    deadline_s = time.monotonic() + _START_S
    while True:
        try:
            return Repl(path).open()
        except BuoyError as error:
            if time.monotonic() > deadline_s:
                raise error.with_next(AGAIN) from None
            time.sleep(0.3)


def _want_board(repl: Repl, release: installing.Release) -> None:
    board = layout.board_of(repl.port_name())
    if board != release.board:
        raise StopError(
            f"这块板是 {board or repl.port_name()}，固件是给 {release.board} 的"
            f" / this board is {board or repl.port_name()}, the release is for {release.board}",
            f"xunhe buoy bundle --board {board or 'esp32s3'}",
        )
