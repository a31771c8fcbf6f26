"""Gives official codes to the waters of a registry that have none."""

from dataclasses import replace

from xunhe.adapters.registry_objects import Row
from xunhe.adapters.registry_rows import Book
from xunhe.domain.codes import Coded, check_division, next_code

_BY_KIND = {"river": Coded.RIVER, "reach": Coded.REACH}


def coded(book: Book, division: str) -> tuple[Book, dict[str, str]]:
    """The book with codes of a division for its rivers, reaches and reservoirs; and those codes.

    Natural lakes keep none: SL 261 assigns theirs. Raises CodeError for what is no division.
    """
    check_division(division)
    rows = dict(book.rows)
    taken = {
        row["official_code"]
        for kind in ("river", "reach", "lake")
        for row in rows.get(kind, ())
        if row.get("official_code")
    }
    given: dict[str, str] = {}
    for kind in ("river", "reach", "lake"):
        rows[kind] = [_coded(kind, row, division, taken, given) for row in rows.get(kind, ())]
    return replace(book, rows=rows), given


def _coded(kind: str, row: Row, division: str, taken: set[str], given: dict[str, str]) -> Row:
    of = _BY_KIND.get(kind) or Coded(row["lake_kind"])
    if row.get("official_code") or of is Coded.LAKE:
        return row
    code = next_code(of, division, taken)
    taken.add(code)
    given[row["code"]] = code
    return {**row, "official_code": code}
