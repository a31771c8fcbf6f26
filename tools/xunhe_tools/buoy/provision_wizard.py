"""The steps of provisioning as a technician sees them; provision.py has what each of them does."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from xunhe.adapters.enrolment_seal import Enrolment, seal
from xunhe.adapters.whole_file import write_whole
from xunhe_tools.buoy import provision_label
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import BuoyError, CableError, PortError, StopError
from xunhe_tools.buoy.provision import (
    Board,
    Files,
    check_owner,
    look,
    stage,
    switch,
    unstage,
    verify,
)
from xunhe_tools.buoy.provision_gateway import Account, Gateway, session
from xunhe_tools.buoy.provision_identity import Place, configuration, withheld
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.buoy.screen import Screen

_STEPS = 5

# (was a former key revoked, first boot number) of an identity that is registered now.
Register = Callable[[Enrolment], tuple[bool, int]]


@dataclass(frozen=True, slots=True)
class Carried:
    """No network: the sealed key goes into a file, for the gateway of this public key."""

    file: Path
    gateway_key: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """One board to provision. `named`: the serial that the technician named, or empty."""

    port: str
    place: Place
    by: str
    named: str
    registrar: Account | Carried
    labels: Path
    first_boot: int = 0
    name: str = ""  # of the station, for the label


def provision(screen: Screen, job: Job) -> None:
    """All five steps; every error says which identity holds and what to type."""
    screen.title(f"配置浮标 {job.place.station}", f"Provision a buoy for {job.place.station}")
    with _registry(screen, job) as register, Repl(job.port) as files:
        screen.step(1, _STEPS, "查看板子", "look at the board")
        board = look(files)
        _confirm_owner(screen, board, job)
        config = configuration(job.place, board.device, os.urandom)
        screen.step(2, _STEPS, "写入新配置（尚未生效）", "stage the new configuration")
        stage(files, config, job.place)
        screen.step(3, _STEPS, "登记密钥，旧密钥作废", "register the key, revoke the old one")
        has_replaced, first_boot = _register(register, files, job, board, config)
        screen.step(4, _STEPS, "切换身份并重启", "switch over and restart")
        _switch(files, first_boot, board)
    screen.step(5, _STEPS, "核对并打印标签", "verify, and print the label")
    said = _verified(job, board)
    paths = _write_label(job, said)
    screen.good(f"标签：{paths[0]}，{paths[1]}", "the label is written: print it")
    screen.result(
        {
            "station": job.place.station,
            "device": board.device,
            "firmware": said["firmware"],
            "fingerprint": said["fingerprint"],
            "has_replaced": has_replaced,
            "first_boot": first_boot,
            "label": [str(path) for path in paths],
            "carried": str(job.registrar.file) if isinstance(job.registrar, Carried) else None,
        }
    )


def plan(screen: Screen, job: Job) -> None:
    """What would be done, without a key and without a change."""
    with Repl(job.port) as files:
        board = look(files)
        files.restart()
    config = configuration(job.place, board.device, bytes)  # nobody's key: 32 zeros
    screen.say(f"板子 {board.device}，现属 {board.station or '无'}", f"serves {board.station}")
    screen.table(
        ("项 item", "值 value"), [(key, str(value)) for key, value in withheld(config).items()]
    )
    screen.say("没有改动", "nothing was changed")
    screen.result(
        {
            "dry_run": True,
            "device": board.device,
            "serves": board.station,
            "config": withheld(config),
        }
    )


def _confirm_owner(screen: Screen, board: Board, job: Job) -> None:
    screen.say(f"编号 {board.device}，现属 {board.station or '无'}", f"serves {board.station}")
    named = job.named
    if board.station is not None and not named:
        named = screen.ask("要作废旧密钥，请输入编号", "type its serial to revoke its key")
    check_owner(board, named)


def _register(
    register: Register, files: Files, job: Job, board: Board, config: Mapping[str, Any]
) -> tuple[bool, int]:
    """What `register` says; the staged identity goes where this fails."""
    enrolment = Enrolment(
        board.device,
        job.place.station,
        bytes.fromhex(config["key"]),
        datetime.now(UTC),
        job.by,
    )
    try:
        has_replaced, first_boot = register(enrolment)
    except (BuoyError, OSError) as error:
        unstage(files)
        if isinstance(error, OSError):
            raise StopError(f"{error}", "--carry FILE") from None
        raise
    return has_replaced, max(first_boot, job.first_boot)


@contextmanager
def _registry(screen: Screen, job: Job) -> Iterator[Register]:
    """Where the key is registered. Logged in before the board is touched: a technician may look
    for a password longer than a board waits for its next command.
    """
    if isinstance(job.registrar, Carried):
        yield partial(_seal_into_file, screen, job.registrar)
        return
    with session(job.registrar, screen) as gateway:
        yield partial(_enrol, screen, gateway)


def _seal_into_file(screen: Screen, carried: Carried, enrolment: Enrolment) -> tuple[bool, int]:
    write_whole(carried.file, seal(enrolment, carried.gateway_key))
    screen.good(f"密封文件：{carried.file}", "carry it: xunhe device import FILE")
    return False, 1


def _enrol(screen: Screen, gateway: Gateway, enrolment: Enrolment) -> tuple[bool, int]:
    key, fingerprint = gateway.seal_key()
    screen.say(f"网关公钥指纹 {fingerprint}", "fingerprint of the gateway's key")
    return gateway.enrol(seal(enrolment, key))


def _switch(files: Files, first_boot: int, board: Board) -> None:
    try:
        switch(files, first_boot, board)
    except BuoyError as error:
        raise error.with_next(
            "网关已有新密钥，浮标可能仍是旧的：读数留在浮标里，不会丢。插好线，再运行"
            " / the gateway has the new key, the buoy may have the old one and keeps its readings:"
            " plug in and run",
            ("--device", board.device),
        ) from None


def _verified(job: Job, board: Board) -> dict[str, Any]:
    """What the buoy says of itself after its restart."""
    try:
        return verify(lambda: Console(job.port), job.place.station, board.device)
    except (CableError, PortError) as error:
        raise error.with_next(
            "新身份已写好，只差核对和标签：插好线，再运行 / the new identity is written, only its"
            " check and the label are missing: plug in and run",
            ("--device", board.device),
        ) from None


def _write_label(job: Job, said: Mapping[str, Any]) -> tuple[Path, Path]:
    gateway = job.registrar.url if isinstance(job.registrar, Account) else ""
    device = str(said["device"])
    label = provision_label.Label(
        job.place.station,
        job.name,
        device,
        str(said["fingerprint"]),
        str(said["firmware"]),
        date.today(),
        gateway,
    )
    job.labels.mkdir(parents=True, exist_ok=True)
    drawing = job.labels / f"{device}.svg"
    write_whole(drawing, provision_label.svg(label).encode())
    page = job.labels / f"{device}.pdf"
    write_whole(page, provision_label.pdf(label))
    return drawing, page
