"""`xunhe doctor --site`: looks through an installed gateway, running or not. It changes nothing."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from xunhe.adapters import registry_file
from xunhe.adapters.backup import keeping, snapshot
from xunhe.adapters.evidence import EvidenceStore, MissingError
from xunhe.adapters.health import LEAST_FREE_MIB
from xunhe.adapters.https import authority
from xunhe.adapters.store import desk_log, soundness
from xunhe.adapters.store.address import file_at, is_file
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.soundness import UnsoundError
from xunhe.domain.registry import RegistryError
from xunhe.settings import Settings, SettingsError, load
from xunhe_tools.finding import Finding, fine, notable, wrong

_RUNBOOK = "docs/runbook.md → {}"
_WAIT_S = 2.0


def examine_site(path: Path | None, now: datetime) -> Iterator[Finding]:
    """All checks of a site, in the order in which one spoils the next."""
    try:
        settings = Settings() if path is None else load(path)
    except SettingsError as error:
        yield wrong("设置 settings", str(error), "docs/settings.md")
        return
    yield fine("设置 settings", str(path or "默认 defaults"))
    yield _registry(settings.registry.folder)
    folders = [settings.vision.evidence]
    if is_file(settings.store.database):
        folders.append(file_at(settings.store.database).parent)
        yield from _database(settings, now)
    for folder in folders:
        if folder.exists():
            yield _room(folder)
    yield _backups_go(settings)
    yield _broker(settings)
    if settings.web.https is not None:
        yield _certificate(settings.web.https, now)
    yield from _machine()


def _registry(folder: Path) -> Finding:
    try:
        found = registry_file.load(folder)
    except RegistryError as error:
        return wrong("登记册 registry", str(error), f"xunhe registry check {folder}")
    stations, reaches = len(found.stations), len(found.reaches)
    return fine("登记册 registry", f"{reaches} 河段 reaches, {stations} 测站 stations")


def _database(settings: Settings, now: datetime) -> Iterator[Finding]:
    path = file_at(settings.store.database)
    if not path.is_file():
        yield notable(
            "数据库 database", f"没有 none: {path}", "首次启动时建立 / made at first start"
        )
        return
    if flaws := soundness.flaws(path):
        yield wrong("数据库 database", flaws[0], _RUNBOOK.format("database_broken"))
        return
    try:
        soundness.known_to(path)
    except UnsoundError as error:
        yield wrong("数据库 database", str(error), "xunhe rollback")
        return
    yield fine("数据库 database", f"完好 sound, {path.stat().st_size / 2**20:.1f} MiB")
    yield _rights(path)
    yield from _upgraded(settings, now)


def _rights(path: Path) -> Finding:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return wrong("权限 rights", f"{mode:o}", f"它含设备密钥 / it holds keys: chmod 600 {path}")
    return fine("权限 rights", f"{mode:o}")


def _upgraded(settings: Settings, now: datetime) -> Iterator[Finding]:
    """What only tables of this version's form can tell."""
    path = file_at(settings.store.database)
    form = soundness.revision(path)
    if form != soundness.head():
        step = "启动时升级，先自动留一份副本 / upgraded at the start, a copy is kept first"
        yield notable("表结构 tables", f"{form} → {soundness.head()}", step)
        return
    yield fine("表结构 tables", form)
    database = Database(path)
    try:
        with database.read() as connection:
            flaw, made_at = desk_log.first_flaw(connection), keeping.newest(connection)
    finally:
        database.close()
    if flaw is None:
        yield fine("工作台日志 desk log", "链完好 the chain holds")
    else:
        yield wrong("工作台日志 desk log", f"第 {flaw.seq} 条 row", "xunhe desk verify")
    yield _evidence(path, EvidenceStore(settings.vision.evidence))
    yield _last_backup(made_at, timedelta(hours=settings.backup.late_hours), now)


def _evidence(path: Path, store: EvidenceStore) -> Finding:
    claimed = snapshot.claimed(path)
    gone = [each.sha256 for each in claimed if not _is_there(store, each)]
    if gone:
        found = f"{len(gone)} / {len(claimed)} 不见或长度不对 missing or cut: {gone[0][:12]}…"
        return wrong("证据 evidence", found, "从备份恢复这些文件 / take them from a backup")
    return fine("证据 evidence", f"{len(claimed)} 个文件 files")


def _is_there(store: EvidenceStore, claimed: snapshot.Claimed) -> bool:
    try:
        return store.find(claimed.sha256).stat().st_size == claimed.size
    except (MissingError, FileNotFoundError):
        return False


def _last_backup(made_at: datetime | None, late: timedelta, now: datetime) -> Finding:
    step = _RUNBOOK.format("backup_late")
    if made_at is None:
        return wrong("备份 backup", "从未 never", step)
    age = f"{made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return wrong("备份 backup", age, step) if now - made_at > late else fine("备份 backup", age)


def _room(folder: Path) -> Finding:
    free_mib = shutil.disk_usage(folder).free // 2**20
    if free_mib < LEAST_FREE_MIB:
        return wrong(f"磁盘 disk {folder}", f"{free_mib} MiB", _RUNBOOK.format("disk_nearly_full"))
    return fine(f"磁盘 disk {folder}", f"{free_mib} MiB")


def _backups_go(settings: Settings) -> Finding:
    if settings.backup.recipient is None:
        step = "xunhe backup-key；公钥写入 backup.recipient / public half into the settings"
        return wrong("备份密钥 backup key", "没有 none", step)
    return fine("备份密钥 backup key", settings.backup.recipient[:12] + "…")


def _broker(settings: Settings) -> Finding:
    where = settings.mqtt.host, settings.mqtt.port
    name, shown = "消息代理 broker", f"{where[0]}:{where[1]}"
    try:
        with socket.create_connection(where, _WAIT_S):
            return fine(name, shown)
    except OSError as error:
        if settings.mqtt.embedded:
            step = "自带代理随网关启动 / the embedded one starts with the gateway"
            return notable(name, f"{shown}: {error.strerror or error}", step)
        return wrong(name, f"{shown}: {error.strerror or error}", _RUNBOOK.format("broker_down"))


def _certificate(folder: Path, now: datetime) -> Finding:
    try:
        ends = authority.read(folder / authority.SERVER).not_valid_after_utc
    except (OSError, ValueError) as error:
        return wrong("证书 certificate", str(error), "xunhe https")
    shown = f"到 until {ends:%Y-%m-%d}"
    return fine("证书 certificate", shown) if ends > now else wrong("证书", shown, "xunhe https")


def _machine() -> Iterator[Finding]:
    """What systemd knows, where there is one."""
    synchronised = _said("timedatectl", "show", "-p", "NTPSynchronized", "--value")
    if synchronised == "no":
        step = _RUNBOOK.format("clock_behind")
        yield notable("时钟 clock", "未同步 not synchronised", step)
    elif synchronised == "yes":
        yield fine("时钟 clock", "已同步 synchronised")
    for unit in ("xunhe.service", "xunhe-backup.timer"):
        state = _said("systemctl", "is-active", unit)
        if state == "active":
            yield fine(unit, state)
        elif state:
            yield notable(unit, state, f"systemctl status {unit}")


def _said(*command: str) -> str:
    """The one line that a program prints; empty where it is not there or does not answer."""
    found = shutil.which(command[0])
    if found is None:
        return ""
    try:
        run = subprocess.run(  # noqa: S603  a fixed command
            [found, *command[1:]], capture_output=True, text=True, timeout=10, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return run.stdout.strip()
