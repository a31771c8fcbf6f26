"""The water of a section, by the month for the report and by the year for the scores."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.gateway.desk.books import at
from xunhe.adapters.external_file import read
from xunhe.adapters.external_import import take_in
from xunhe.adapters.store import desk_log
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.external import Origin
from xunhe.adapters.supervision import reports, water_years
from xunhe.desk.indicators import Rate
from xunhe.desk.periods import parse
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.registry import Registry
from xunhe.settings import SupervisionSettings

LAB = Origin("县环境监测站", "值班员", "bottles.csv")
RULES = SupervisionSettings(water_least_months=3)
JANUARY = at("2027-01-01 00:00:00")


def sample(
    database: Database, registry: Registry, place: str, values: dict[str, tuple[float, float]]
) -> None:
    """Bottles of the 5th of months: ammonia and phosphorus, mg/L."""
    lines = [f"{place},{month}-05 08:30,{nh3n},{tp}" for month, (nh3n, tp) in values.items()]
    text = "\n".join(["站点,采样时间,氨氮(mg/L),总磷(mg/L)", *lines, ""])
    sheet = read(text.encode(), SHANGHAI)
    take_in(database, registry, sheet.entries, LAB, datetime(2027, 2, 1, tzinfo=UTC), dry_run=False)


@pytest.fixture
def section(registry: Registry) -> str:
    """A section of the demo's registry that divides no two units."""
    code, found = next(iter(registry.sections.items()))
    registry.sections[code] = replace(found, upstream_unit=None, downstream_unit=None)
    return code


def test_the_months_report_counts_sections_that_meet_their_target(
    database: Database, registry: Registry, section: str
) -> None:
    sample(
        database, registry, section,
        {"2026-01": (0.1, 0.01), "2026-02": (9.0, 0.01), "2026-03": (0.1, 0.01)},
    )  # fmt: skip
    now = at("2026-04-02 00:00:00")

    def water(label: str) -> Rate:
        with database.read() as connection:
            report = reports.of_period(connection, registry, RULES, parse(label), now)
        return report.indicators.water

    assert water("2026-01") == Rate(1, 1)
    assert water("2026-02") == Rate(0, 1)
    assert water("2026Q1") == Rate(2, 3)
    assert water("2026-04") == Rate(0, 0)  # nothing was measured: n/a, not 100 %


def entered(database: Database) -> list[tuple[str, object, object]]:
    with database.read() as connection:
        return [
            (entry.subject, entry.data["factor"], entry.data["improvement"])
            for entry in desk_log.entries(connection, kinds=["water.year"])
        ]


def test_the_year_is_compared_once_and_anew_where_the_laboratory_was_late(
    database: Database, registry: Registry, section: str
) -> None:
    for month in ("01", "02", "03"):
        sample(
            database, registry, section,
            {f"2025-{month}": (1.0, 0.2), f"2026-{month}": (0.5, 0.25)},
        )  # fmt: skip

    def due(now: datetime) -> int:
        with database.write() as connection:
            return water_years.enter_due(connection, registry, RULES, now)

    assert due(at("2026-01-01 00:00:00")) == 0  # 2025 has no year before it
    assert [due(JANUARY), due(JANUARY)] == [2, 0]
    subject = f"section:{section}"
    assert entered(database) == [(subject, "nh3n_mg_l", 0.5), (subject, "tp_mg_l", -0.25)]
    sample(database, registry, section, {"2025-04": (1.0, 0.2), "2026-04": (0.5, 0.2)})
    with database.write() as connection:
        again = water_years.enter(connection, registry, RULES, 2026, "office", JANUARY)
    assert again == 1  # ammonia is as it was
    assert entered(database)[-1] == (subject, "tp_mg_l", -0.1875)


def test_a_boundary_is_its_upstream_units_and_a_section_within_one_the_townships(
    registry: Registry, section: str
) -> None:
    found = registry.sections[section]
    own = water_years.unit_of(registry, found)
    assert own is not None
    assert registry.units[own].level.label_en == "township"
    bordering = replace(found, upstream_unit="U-VILLAGE-1", downstream_unit="U-VILLAGE-2")
    assert water_years.unit_of(registry, bordering) == "U-VILLAGE-1"
