"""The office's routers, in the order in which their paths are tried."""

from xunhe.web.office import (
    adoptions,
    duties,
    inspections,
    lists,
    meetings,
    months,
    offers,
    patrols,
    registry,
    registry_export,
    registry_import,
    returns,
    river_plans,
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
    river_plans.router,
    adoptions.router,
    offers.api,
    offers.pages,
    registry_import.router,  # before /registry/{kind}
    registry_export.router,
    registry.router,
)
