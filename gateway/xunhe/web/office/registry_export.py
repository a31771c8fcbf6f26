"""The registry as one workbook or one map, for working on it elsewhere and importing it again."""

import tempfile
from pathlib import Path as FilePath
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import Response

from xunhe.adapters.registry_tables.writing import geojson_text, write_excel
from xunhe.web.console import ConsoleDep
from xunhe.web.office.registry import desk_of

router = APIRouter(include_in_schema=False)

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/registry/export.{suffix}")
def export(console: ConsoleDep, suffix: Literal["xlsx", "geojson"]) -> Response:
    """All tables as a workbook, or the waters and places as GeoJSON (WGS-84)."""
    book = desk_of(console).book()
    headers = {"Content-Disposition": f'attachment; filename="registry.{suffix}"'}
    if suffix == "geojson":
        return Response(geojson_text(book), media_type="application/geo+json", headers=headers)
    with tempfile.TemporaryDirectory() as folder:
        (path,) = write_excel(book, FilePath(folder) / "registry.xlsx")
        return Response(path.read_bytes(), media_type=_XLSX, headers=headers)
