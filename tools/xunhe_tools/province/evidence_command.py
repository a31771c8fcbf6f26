"""`xunhe desk evidence`: takes in the files of evidence that were carried from gateways."""

from pathlib import Path
from typing import Annotated

import typer

from xunhe.adapters.evidence import EvidenceError, EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.province.carried import take_in
from xunhe.adapters.store.database import Database
from xunhe.cli import ConfigOption, settings_of
from xunhe.domain.clock import SystemClock


def take_evidence_in(
    files: Annotated[
        list[Path],
        typer.Argument(help="网关证据目录里的文件 / files of a gateway's evidence folder"),
    ],
    config: ConfigOption = None,
) -> None:
    """收入从网关带来的证据文件，按内容核对 / takes in evidence that was carried from a gateway."""
    settings = settings_of(config)
    database = Database(settings.store.database)
    most = round(settings.vision.evidence_budget_mib * 2**20)
    budget = Budget(database, EvidenceStore(settings.vision.evidence), most)
    refused = 0
    try:
        for file in files:
            refused += not _take_one(database, budget, file)
    finally:
        database.close()
    if refused:
        raise typer.Exit(1)


def _take_one(database: Database, budget: Budget, file: Path) -> bool:
    try:
        take_in(database, budget, file, SystemClock().now())
    except (EvidenceError, OSError) as error:
        typer.echo(f"{file}: 未收入 / not taken in: {error}", err=True)
        return False
    typer.echo(f"已收入 / taken in: {file.name}")
    return True
