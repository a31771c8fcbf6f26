"""GET /api/v1/exports/{dataset}.{csv,geojson}?from=…&to=…"""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from xunhe.adapters.store.spans import Span
from xunhe.codecs.tables import CSV, GEOJSON, as_csv, as_geojson
from xunhe.web.asked_instant import AskedInstant
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.exports.datasets import DATASETS, Asked
from xunhe.web.failures import ERRORS, NOT_FOUND, CallerError, NotFoundError
from xunhe.web.scope import reaches_of

_LONGEST = timedelta(days=366)
_USUAL = timedelta(days=7)

Since = Annotated[AskedInstant | None, Query(alias="from", description="Left out: 7 days")]
Until = Annotated[AskedInstant | None, Query(alias="to", description="Left out: now; excluded")]
ForExcel = Annotated[bool, Query(description="CSV with a BOM, and no text that is a formula")]

router = APIRouter(prefix="/api/v1/exports", tags=["exports"], responses=ERRORS)


@router.get(
    "/{dataset}.{form}",
    operation_id="exportDataset",
    response_class=StreamingResponse,
    responses=NOT_FOUND,
)
def export(
    console: ConsoleDep,
    request: Request,
    dataset: str,
    form: Literal["csv", "geojson"],
    since: Since = None,
    until: Until = None,
    excel: ForExcel = False,
) -> StreamingResponse:
    """`observations`, `incidents`, `tickets` or `external` of at most 366 days of river time."""
    if dataset not in DATASETS:
        raise NotFoundError("dataset", "数据集", dataset)
    span = _span(console, since, until)
    asked = Asked(console.database, console.registry, span, reaches_of(request))
    found = DATASETS[dataset](asked)
    if form == "csv":
        pieces = as_csv(found.columns, found.batches, for_excel=excel)
    else:
        pieces = as_geojson(found.columns, found.batches)
    name = f"{dataset}-{span.since:%Y%m%d}-{span.until:%Y%m%d}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces, media_type=CSV if form == "csv" else GEOJSON, headers=headers)


def _span(console: Console, since: AskedInstant | None, until: AskedInstant | None) -> Span:
    end = until or console.clock.now()
    start = since or end - _USUAL
    if not timedelta(0) < end - start <= _LONGEST:
        raise CallerError(
            422,
            "span",
            f"from must be before to, by at most {_LONGEST.days} days",
            f"from 须早于 to，最多 {_LONGEST.days} 天",
        )
    return Span(start, end)
