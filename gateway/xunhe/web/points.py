"""Points (绿水币) at the counter: balance, exchange with a partner, and the export of exchanges."""

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from xunhe.adapters.store import points
from xunhe.adapters.store.points import OverdrawnError
from xunhe.desk.points import exchanged, volunteer
from xunhe.desk.roles import Role
from xunhe.web.console import ConsoleDep, iso
from xunhe.web.desk_access import offices_read, offices_write, require
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS, CallerError, NotFoundError

router = APIRouter(prefix="/api/v1/points", tags=["citizens"], responses=ERRORS)

Partner = Annotated[str, Path(pattern=r"^[\w-]{1,40}$")]
AccountCode = Annotated[str, Field(min_length=4, max_length=64)]


class ExchangeAsked(BaseModel):
    """Points that somebody wants to exchange. The same `key` twice is one exchange."""

    account: AccountCode
    points: int
    key: Annotated[str, Field(pattern=r"^[\w:.-]{1,64}$")]


class BalanceView(BaseModel):
    """What an account holds."""

    balance: int


class BatchView(BaseModel):
    """A numbered export; 0 where there was nothing to export."""

    batch: int


@router.post("/{partner}/exchanges", operation_id="exchangePoints", responses=WRITE_ERRORS)
def exchange(
    console: ConsoleDep, request: Request, partner: Partner, asked: ExchangeAsked
) -> BalanceView:
    """Exchange points with a partner. For the office; 409 where the account holds fewer."""
    account, rules = volunteer(asked.account), console.citizens.rules
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE).code
        try:
            key = f"exchange:{partner}:{asked.key}"
            transfer = exchanged(key, console.clock.now(), asked.points, account, partner, rules)
            points.post(connection, transfer, actor)
        except OverdrawnError as error:
            raise CallerError(409, "overdrawn", str(error), "余额不足") from error
        except ValueError as error:
            zh, _, en = str(error).partition(" / ")
            raise CallerError(422, "unfit", en, zh) from error
        return BalanceView(balance=points.balance(connection, account))


@router.post(
    "/{partner}/batches", operation_id="exportPoints", status_code=201, responses=WRITE_ERRORS
)
def export(console: ConsoleDep, request: Request, partner: Partner) -> BatchView:
    """Settle what was exchanged with a partner since the last batch. For the office."""
    with console.database.write() as connection:
        actor = require(offices_write(request, console, connection), Role.OFFICE).code
        batch = points.export(connection, partner, console.clock.now(), actor)
    return BatchView(batch=batch)


@router.get("/{partner}/batches/{batch}.csv", operation_id="readPointsBatch", responses=NOT_FOUND)
def batch_file(
    console: ConsoleDep, request: Request, partner: Partner, batch: Annotated[int, Path(ge=1)]
) -> Response:
    """A batch as CSV (UTF-8), the same however often it is read. For the office."""
    with console.database.read() as connection:
        require(offices_read(request, console, connection), Role.OFFICE)
        rows = list(points.in_batch(connection, partner, batch))
    if not rows:
        raise NotFoundError("batch", "批次", batch)
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(("partner", "batch", "transfer", "at", "account", "points"))
    for row in rows:
        at = iso(row.at)
        table.writerow((partner, batch, row.transfer_id, at, row.account, row.points))
    return Response(out.getvalue().encode(), media_type="text/csv; charset=utf-8")
