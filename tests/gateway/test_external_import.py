"""External data in the store: whole or not at all, with their source; maintenance; the month."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from tests.gateway.conftest import DEMO_REGISTRY
from xunhe.adapters import registry_file
from xunhe.adapters.external_file import read
from xunhe.adapters.external_import import Imported, refuse, take_in
from xunhe.adapters.month_report import MonthReport, points_of, report
from xunhe.adapters.store import external, hourly, maintenance, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.external import Origin
from xunhe.domain.classes import WaterClass
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.external import ExternalError
from xunhe.domain.maintenance import Maintenance, Work
from xunhe.domain.registry import Registry
from xunhe.domain.riverside import Section, SectionKind
from xunhe.water.months import Month
from xunhe.water.qc.drift import Calibration
from xunhe.water.qc.maintenance import SETTLE_S
from xunhe.water.series import HOUR_S, Hourly
from xunhe_tools.cli import app

NOW = datetime(2026, 4, 2, tzinfo=UTC)
LAB = Origin("县环境监测站", "值班员", "bottles.csv")
HEADER = "站点,采样时间,氨氮(mg/L),总磷(mg/L),化学需氧量(mg/L)\n"
GOOD = HEADER + "YX-S1,2026-03-05 08:30,0.42,0.08,12\nYX-S2,2026-03-05 09:00,<0.025,0.1,\n"


def taken(
    database: Database, registry: Registry, text: str, *, by: Origin = LAB, dry_run: bool = False
) -> Imported:
    sheet = read(text.encode(), SHANGHAI)
    return take_in(database, registry, sheet.entries, by, NOW, dry_run=dry_run)


def stored(database: Database) -> int:
    with database.read() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(schema.external_sample))
        return int(found.scalar_one())


def test_values_come_in_with_their_source_and_stay_apart_from_the_buoys(
    database: Database, registry: Registry
) -> None:
    assert taken(database, registry, GOOD) == Imported(5, 0)
    with database.read() as connection:
        found = external.newest(connection, "YX-S2", 10)
        assert connection.execute(sa.select(schema.observation)).all() == []
        counted = connection.execute(sa.select(schema.counter)).all()
    assert {(s.value.prop, s.value.value, s.value.is_below_limit) for s in found} == {
        ("nh3n_mg_l", 0.025, True),
        ("tp_mg_l", 0.1, False),
    }
    assert {s.source for s in found} == {"县环境监测站"}
    assert [tuple(row) for row in counted] == [("external", 5)]


def test_a_dry_run_checks_everything_and_stores_nothing(
    database: Database, registry: Registry
) -> None:
    assert taken(database, registry, GOOD, dry_run=True) == Imported(5, 0)
    assert stored(database) == 0


def test_one_wrong_cell_and_nothing_is_stored(database: Database, registry: Registry) -> None:
    with pytest.raises(ExternalError, match="YX-S9 未登记"):
        taken(database, registry, GOOD + "YX-S9,2026-03-05 09:30,0.4,,\n")
    assert stored(database) == 0


def test_the_same_file_again_is_known_and_changes_nothing(
    database: Database, registry: Registry
) -> None:
    taken(database, registry, GOOD)
    assert taken(database, registry, GOOD) == Imported(0, 5)
    assert stored(database) == 5


def test_another_value_needs_another_source(database: Database, registry: Registry) -> None:
    taken(database, registry, GOOD)
    changed = GOOD.replace("0.42", "0.52")
    with pytest.raises(ExternalError, match="已有不同的数值"):
        taken(database, registry, changed)
    assert stored(database) == 5
    again = Origin("市中心站复测", "值班员", "again.csv")
    assert taken(database, registry, changed, by=again) == Imported(5, 0)


def test_a_file_in_micrograms_is_found_by_what_the_source_said_before(
    database: Database, registry: Registry
) -> None:
    taken(database, registry, GOOD)
    rows = "".join(
        f"YX-S1,2026-03-{day} 08:30,,{n},\n" for day, n in ((11, 75), (12, 85), (13, 90))
    )
    with pytest.raises(ExternalError, match="mg/L 与 µg/L"):
        taken(database, registry, HEADER + rows)


def test_what_is_refused_is_counted_and_kept_with_its_reasons(
    database: Database, registry: Registry
) -> None:
    with pytest.raises(ExternalError) as caught:
        taken(database, registry, HEADER + "YX-S1,2026-03-05 08:30,-4,,\n")
    refuse(database, LAB, b"the file", caught.value, NOW)
    with database.read() as connection:
        row = connection.execute(sa.select(schema.rejected)).one()
        counted = connection.execute(sa.select(schema.counter)).all()
    assert (row.reason, row.topic, row.payload) == (
        "external",
        "external/县环境监测站",
        b"the file",
    )
    assert "超出可能范围" in row.detail
    assert [tuple(one) for one in counted] == [("rejected.external", 1)]


def work(**changes: object) -> Maintenance:
    said = {"station": "YX-S1", "work": Work.CLEANING, "started_at": NOW, "ended_at": NOW}
    return Maintenance(**{**said, **changes})


def test_windows_that_touch_a_span_are_found_settling_included(database: Database) -> None:
    end = NOW + timedelta(hours=1)
    with database.write() as connection:
        maintenance.add(connection, work(ended_at=end), NOW)
        maintenance.add(connection, work(station="YX-S2"), NOW)

        def found(since: datetime, until: datetime) -> int:
            return len(maintenance.windows(connection, "YX-S1", since, until))

        second = timedelta(seconds=1)
        settled = end + timedelta(seconds=SETTLE_S)
        assert found(NOW - second, NOW) == 1
        assert found(NOW - 2 * second, NOW - second) == 0
        assert found(settled, settled + second) == 1
        assert found(settled + second, settled + 2 * second) == 0


def test_work_that_goes_on_ends_when_it_is_said_again(database: Database) -> None:
    end = NOW + timedelta(hours=1)
    with database.write() as connection:
        maintenance.add(connection, work(ended_at=None), NOW)
        assert maintenance.newest(connection, 10)[0].ended_at is None
        maintenance.add(connection, work(ended_at=end), NOW)
        assert [w.ended_at for w in maintenance.newest(connection, 10)] == [end]
        maintenance.add(connection, work(ended_at=end), NOW)  # a second time is other work
        assert len(maintenance.newest(connection, 10)) == 2


def test_calibrations_are_known_by_property_in_the_order_of_time(database: Database) -> None:
    done = {"work": Work.CALIBRATION, "prop": "ph"}
    later = NOW + timedelta(days=20)
    with database.write() as connection:
        maintenance.add(
            connection, work(**done, started_at=later, ended_at=later, found_error=0.2), NOW
        )
        maintenance.add(connection, work(**done), NOW)
        maintenance.add(connection, work(prop="ph"), NOW)
        found = maintenance.calibrations(connection, "YX-S1")
    assert found == {"ph": [Calibration(NOW.timestamp()), Calibration(later.timestamp(), 0.2)]}


SECTION = Section(
    "YX-D1",
    "县界断面",
    "county border",
    "YX-1",
    100.0,
    (119.98, 30.27),
    SectionKind.BOUNDARY,
    WaterClass.III,
    station="YX-S1",
)


def test_a_river_is_judged_by_its_sections_and_by_its_stations_where_it_has_none(
    registry: Registry,
) -> None:
    with_section = replace(registry, sections={SECTION.code: SECTION})
    assert [p.code for p in points_of(with_section)] == ["YX-D1"]
    without = replace(registry, sections={})
    assert [p.code for p in points_of(without)] == list(registry.stations)


def fill_month(database: Database, station: str, at: datetime, ammonia: float) -> None:
    starts = at.timestamp() + HOUR_S * np.arange(48)
    hours = Hourly(starts, np.full(48, ammonia), np.full(48, 6, np.int32))
    with database.write() as connection:
        hourly.keep(connection, station, {"nh3n_mg_l": hours})


def of_march(database: Database, registry: Registry) -> MonthReport:
    with database.read() as connection:
        return report(connection, registry, Month(2026, 3))


def test_a_month_has_buoys_and_bottles_and_is_compared_by_what_they_share(
    database: Database, registry: Registry
) -> None:
    code = "YX-S1"
    registry = replace(registry, sections={SECTION.code: SECTION})
    fill_month(database, code, datetime(2026, 3, 3, 16, tzinfo=UTC), 1.4)
    fill_month(database, code, datetime(2026, 2, 3, 16, tzinfo=UTC), 0.8)
    fill_month(database, code, datetime(2025, 3, 3, 16, tzinfo=UTC), 1.9)
    taken(database, registry, f"站点,时间,TP(mg/L)\n{code},2026-03-05 08:30,0.35\n")
    found = of_march(database, registry)
    month = found.points[0]
    assert month.evaluation is not None
    assert month.evaluation.judgement.label == "Ⅴ类 · 单因子（2项）"
    assert [(prop, mean.days) for prop, mean in month.means.items()] == [
        ("nh3n_mg_l", 2),
        ("tp_mg_l", 1),
    ]
    assert month.month_on_month is not None
    assert month.month_on_month.words_zh == "Ⅲ类→Ⅳ类，有所变差（按共有的1项）"
    assert month.year_on_year is not None
    assert month.year_on_year.words_zh == "Ⅴ类→Ⅳ类，有所好转（按共有的1项）"
    assert month.point.code == SECTION.code
    assert found.rivers[0].evaluation is not None
    assert found.rivers[0].evaluation.shares.sections == 1


def test_a_month_without_readings_is_silent_and_not_good(
    database: Database, registry: Registry
) -> None:
    found = of_march(database, registry)
    assert {point.evaluation for point in found.points} == {None}
    assert {river.evaluation for river in found.rivers} == {None}


def run(folder: Path, *arguments: str) -> Result:
    settings = folder / "xunhe.toml"
    settings.write_text(
        f'[store]\ndatabase = "{folder}/x.sqlite3"\n[registry]\nfolder = "{DEMO_REGISTRY}"\n'
    )
    return CliRunner().invoke(app, ["water", *arguments, "--config", str(settings)])


def test_a_laboratory_file_by_command(tmp_path: Path) -> None:
    file = tmp_path / "样品.csv"
    file.write_bytes((HEADER + "YX-S1,2026-03-05 08:30,0.42,0.08,12\n").encode("gbk"))
    dry = run(tmp_path, "import", str(file), "--source", "实验室", "--dry-run")
    assert (dry.exit_code, "将导入 would store 3" in dry.output) == (0, True)
    done = run(tmp_path, "import", str(file), "--source", "实验室")
    assert "已导入 stored 3，已有 known before 0（gb18030）" in done.output
    again = run(tmp_path, "import", str(file), "--source", "实验室")
    assert "stored 0，已有 known before 3" in again.output


def test_a_months_report_by_command(tmp_path: Path) -> None:
    code = points_of(registry_file.load(DEMO_REGISTRY))[0].code
    file = tmp_path / "lab.csv"
    file.write_text(HEADER + f"{code},2026-03-05 08:30,1.2,0.08,12\n")
    run(tmp_path, "import", str(file), "--source", "实验室")
    said = run(tmp_path, "report", "--month", "2026-03")
    assert "Ⅳ类（轻度污染），单因子（3项：化学需氧量、氨氮、总磷）" in said.output
    assert "氨氮（超Ⅲ类 0.2 倍）" in said.output
    assert "黑臭" not in said.output
    data = json.loads(run(tmp_path, "report", "--month", "2026-03", "--json").output)
    point = next(one for one in data["points"] if one["code"] == code)
    assert (point["water_class"], point["colour"]) == ("Ⅳ", "yellow")
    assert point["black_odorous"] == "未达黑臭"
    assert point["values"]["nh3n_mg_l"] == {"mean": 1.2, "days": 1}


def test_a_wrong_file_leaves_with_2_and_names_its_cells(tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(HEADER + "YX-S1,2026-03-05 08:30,x,,\nYX-S8,2026-03-05 08:30,1,,\n")
    found = run(tmp_path, "import", str(file), "--source", "实验室")
    assert found.exit_code == 2
    assert "第 2 行“氨氮(mg/L)”" in found.output
    assert run(tmp_path, "import", str(tmp_path / "none.csv"), "--source", "x").exit_code == 2
    assert run(tmp_path, "report", "--month", "March").exit_code == 2


def test_maintenance_by_command(tmp_path: Path) -> None:
    times = ("--from", "2026-03-05 08:30", "--to", "2026-03-05 09:30")
    done = run(tmp_path, "maintain", "YX-S1", "--work", "cleaning", *times)
    assert (done.exit_code, "清洗" in done.output) == (0, True)
    for wrong in (
        ("YX-S9", "--work", "cleaning", *times),
        ("YX-S1", "--work", "cleaning", "--from", "yesterday"),
        ("YX-S1", "--work", "cleaning", "--from", times[3], "--to", times[1]),
        ("YX-S1", "--work", "cleaning", *times, "--property", "pH value"),
    ):
        assert run(tmp_path, "maintain", *wrong).exit_code == 2
