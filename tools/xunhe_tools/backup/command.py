"""The commands, and what they print."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from xunhe.adapters.backup import keeping, restoring, rolling_back, taking
from xunhe.adapters.backup.archive import Reader
from xunhe.adapters.backup.belongings import belongings
from xunhe.adapters.backup.errors import BackupError, WrongKeyError
from xunhe.adapters.backup.locks import Key, new_pair
from xunhe.adapters.backup.reading_back import Contents
from xunhe.adapters.backup.restoring import Goal, Placement, Plan
from xunhe.adapters.backup.taking import Made
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store.address import AddressError, file_at
from xunhe.adapters.store.database import Database
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe_tools.backup.keys import ask_passphrase, key_of, lock_of
from xunhe_tools.backup.progress import shown

PassphraseOption = Annotated[
    Path | None, typer.Option(help="口令文件，一行 / file with the passphrase, one line")
]
JsonOption = Annotated[bool, typer.Option("--json", help="供脚本使用 / for scripts")]


def backup(
    out: Annotated[
        Path | None, typer.Argument(help="放入此目录；不写则用 backup.folder / folder for it")
    ] = None,
    config: ConfigOption = None,
    passphrase_file: PassphraseOption = None,
    plain: Annotated[
        bool, typer.Option(help="不加密：含设备密钥与个人资料 / unsealed: holds keys and names")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """运行中备份全部数据，读回核对 / back up everything while running, and read it back."""
    settings = settings_of(config)
    folder = out or settings.backup.folder
    settings_file = config or Path("xunhe.toml")
    found = belongings(settings, settings_file if settings_file.is_file() else None)
    now = datetime.now(UTC)
    try:
        lock = None if plain else lock_of(settings.backup.recipient, passphrase_file)
        with shown() as tell:
            made = taking.make(found, folder, lock, now, tell)
    except (BackupError, OSError) as error:
        fail(str(error))
    _note(settings.store.database, made, now)
    gone = keeping.prune(folder, settings.backup.kept) if out is None else ()
    _say_made(made, len(gone), as_json)
    if made.lost or made.contents.damaged:
        raise typer.Exit(1)


def restore(
    file: Annotated[Path, typer.Argument(help="xunhe backup 写的文件 / a file of `xunhe backup`")],
    into: Annotated[
        Path, typer.Option(help="网关的工作目录 / the gateway's working folder")
    ] = Path(),
    database: Annotated[
        str, typer.Option(help="PostgreSQL 的空库地址 / address of an empty PostgreSQL database")
    ] = "",
    write: Annotated[
        bool, typer.Option("--write", help="真正恢复；不写则只核对并列出 / really do it")
    ] = False,
    secret_file: Annotated[
        Path | None, typer.Option(help="xunhe backup-key 的私钥文件 / file of `xunhe backup-key`")
    ] = None,
    passphrase_file: PassphraseOption = None,
    as_json: JsonOption = False,
) -> None:
    """核对备份并列出将做什么；--write 才恢复 / check a backup and say what it would do."""
    try:
        goal = Goal(into, database)
        key = _key_for(file, secret_file, passphrase_file)
        with shown() as tell:
            if write:
                done = restoring.put_back(file, key, goal, datetime.now(UTC), tell)
            else:
                done = restoring.plan(file, key, goal, tell)
    except (BackupError, AddressError, OSError) as error:
        fail(str(error))
    _say_plan(done, write, as_json)


def backup_key(
    file: Annotated[
        Path, typer.Argument(help="私钥写到这里，请另存他处 / the secret half: keep it elsewhere")
    ],
) -> None:
    """生成备份密钥：公钥写入设置，私钥另存 / a key for backups: public half into the settings."""
    secret, public = new_pair()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    with os.fdopen(handle, "w") as out:
        out.write(secret.hex() + "\n")
    typer.echo(f'[backup]\nrecipient = "{public.hex()}"')
    typer.echo(
        f"# 私钥在 {file}：移到别处保管，没有它就无法恢复 / move it off this machine: nothing else"
        " opens the backups",
        err=True,
    )


def rollback(
    revision: Annotated[
        str, typer.Option(help="旧版本的表结构号，如 0010 / the older version's form of the tables")
    ],
    config: ConfigOption = None,
    write: Annotated[
        bool, typer.Option("--write", help="真正回退；不写则只说明 / really do it")
    ] = False,
) -> None:
    """回到升级前的数据库，带上此后的读数 / back to before an upgrade, with the readings since."""
    settings = settings_of(config)
    path, evidence = file_at(settings.store.database), EvidenceStore(settings.vision.evidence)
    try:
        if write:
            found = rolling_back.go_back(path, revision, evidence)
        else:
            found = rolling_back.plan(path, revision)
    except (BackupError, OSError) as error:
        fail(str(error))
    if found is None:
        typer.echo(f"数据库已是 {revision}，不需要回退 / has that form already: nothing to do")
        return
    typer.echo(f"带回的读数 / readings carried back: {_rows(found.carried)}")
    typer.echo(f"留在 {found.aside} 的 / what stays there: {_rows(found.staying)}")
    done = "已回退 / went back" if write else "未改动；确认后加 --write / nothing changed: --write"
    typer.echo(done)


def _rows(by_table: Mapping[str, int]) -> str:
    return ", ".join(f"{table} {n}" for table, n in by_table.items()) or "—"


def _key_for(file: Path, secret_file: Path | None, passphrase_file: Path | None) -> Key | None:
    """What was given; where nothing was and the backup is sealed, the person is asked."""
    key = key_of(secret_file, passphrase_file)
    if key is not None:
        return key
    try:
        with Reader(file, None):
            return None
    except WrongKeyError:
        return ask_passphrase()


def _note(address: str, made: Made, now: datetime) -> None:
    if made.contents.manifest.revision is None:
        return  # there are no tables yet
    database = Database(address)
    try:
        with database.write() as connection:
            keeping.note(connection, now)
    finally:
        database.close()


def _say_made(made: Made, pruned: int, as_json: bool) -> None:
    contents = made.contents
    if as_json:
        told = {"file": str(made.path), "bytes": made.size, "lost": made.lost, "pruned": pruned}
        typer.echo(json.dumps(told | _told(contents)))
        return
    typer.echo(
        f"已备份并核对 / backed up and read back: {made.path}"
        f" ({made.size / 2**20:.1f} MiB, {sum(contents.files.values())} 个文件 files)"
    )
    if pruned:
        typer.echo(f"删除旧备份 / older backups deleted: {pruned}")
    _warn("丢失的证据 / evidence lost before", made.lost)
    _warn("损坏的证据 / evidence damaged before", contents.damaged)


def _say_plan(done: Plan, is_done: bool, as_json: bool) -> None:
    if as_json:
        steps = [asdict(each) | {"target": each.where} for each in done.placements]
        for step in steps:
            del step["address"]  # it may hold a password
        told = {"written": is_done, "steps": steps} | _told(done.contents)
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    where = Column("位置 where", overflow="fold")
    table = Table("内容 what", "文件 files", "MiB", where, "现有 there now", box=None)
    for each in done.placements:
        now_there = _now_there(each)
        size = f"{each.size / 2**20:.1f}"
        table.add_row(f"{each.zh} {each.name}", str(each.files), size, each.where, now_there)
    Console().print(table)
    made_at = done.contents.manifest.made_at
    typer.echo(f"备份时间 / made at {made_at:%Y-%m-%d %H:%M:%S %Z}，完整 / whole")
    _warn("备份前已丢失的证据 / evidence lost before", done.contents.missing)
    _warn("备份前已损坏的证据 / evidence damaged before", done.contents.damaged)
    if is_done:
        typer.echo("已恢复。下一步 / restored. Next: xunhe doctor; xunhe desk verify; xunhe run")
    else:
        typer.echo("未改动任何文件；确认后加 --write / nothing was changed: add --write to do it")


def _now_there(placement: Placement) -> str:
    if not placement.is_there:
        return "—"
    return "不是空库 not empty" if placement.address else "移到旁边 moved aside"


def _told(contents: Contents) -> dict[str, object]:
    manifest = contents.manifest
    return {
        "made_at": manifest.made_at.isoformat(),
        "revision": manifest.revision,
        "files": contents.files,
        "sizes": contents.sizes,
        "damaged": contents.damaged,
        "missing": contents.missing,
    }


def _warn(what: str, digests: tuple[str, ...]) -> None:
    if digests:
        typer.echo(f"⚠ {what}: {len(digests)}（{digests[0]} …）", err=True)
