"""The command."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from xunhe.adapters.backup.errors import BackupError
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.domain.registry import RegistryError
from xunhe_tools.backup.progress import shown
from xunhe_tools.export.everything import export as export_all


def export(
    out: Annotated[Path, typer.Argument(help="新文件夹 / a new folder")],
    config: ConfigOption = None,
    with_personal: Annotated[
        bool,
        typer.Option("--with-personal", help="连同姓名、电话、群众原话 / names and telephones too"),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="供脚本使用 / for scripts")] = False,
) -> None:
    """把全部数据导出为开放格式 / everything in open formats: CSV, GeoJSON, JSON lines, files."""
    settings = settings_of(config)
    try:
        with shown() as tell:
            export_all(settings, out, datetime.now(UTC), tell, personal=with_personal)
    except (BackupError, RegistryError, OSError) as error:
        fail(str(error))
    about = json.loads((out / "schema.json").read_text("utf-8"))
    rows, lost = about["rows"], about["evidence_lost"]
    if as_json:
        typer.echo(json.dumps({"folder": str(out), "rows": rows, "evidence_lost": lost}))
    else:
        typer.echo(
            f"已导出 / exported: {out}（{len(rows)} 表 tables, {sum(rows.values())} 行 rows）"
        )
        typer.echo("从 README.md 读起 / begin with README.md")
    if lost:
        typer.echo(f"⚠ 丢失的证据 / evidence lost: {len(lost)}（{lost[0]} …）", err=True)
        raise typer.Exit(1)
