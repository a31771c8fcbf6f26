"""The office's routers, in the order in which their paths are tried."""

from xunhe.web.office import (
    duties,
    inspections,
    lists,
    meetings,
    months,
    patrols,
    registry,
    registry_export,
    registry_import,
    returns,
    scores,
    tasks,
    tickets,
)

OFFICE_ROUTERS = (
    tickets.router,
    lists.router,
    tasks.router,
    patrols.router,
    inspections.router,
    returns.router,
    meetings.router,
    scores.router,
    months.router,
    duties.router,
    registry_import.router,  # before /registry/{kind}
    registry_export.router,
    registry.router,
)
