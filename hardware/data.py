"""The tables that people edit: CSV files of this folder."""

import csv
from pathlib import Path

FOLDER = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    """Each row of `name` as {column: value}."""
    return list(csv.DictReader((FOLDER / name).read_text("utf-8").splitlines()))
