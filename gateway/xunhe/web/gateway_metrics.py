"""What Prometheus is told of the gateway itself: its alarms, its disks, its backups."""

from collections.abc import Iterator
from importlib.metadata import version

import sqlalchemy as sa

from xunhe.adapters.health import Alarm, Health
from xunhe.adapters.retention import removed
from xunhe.web.metric import Metric, one


def of_gateway(health: Health, connection: sa.Connection) -> Iterator[Metric]:
    """As the newest look found it."""
    yield Metric("xunhe_build_info", "gauge", "Always 1", (({"version": version("xunhe")}, 1.0),))
    reading = health.newest
    if reading is None:
        return
    yield one("xunhe_ready", "gauge", "1 while readings are kept", reading.is_ready)
    alarms = (({"alarm": alarm.value}, float(alarm in reading.alarms)) for alarm in Alarm)
    yield Metric("xunhe_alarm", "gauge", "1 while an alarm of the gateway is up", (*alarms,))
    figures = reading.figures
    free = (({"of": name}, float(n)) for name, n in reading.free_bytes.items())
    yield Metric("xunhe_disk_free_bytes", "gauge", "Free on the disk of the store", (*free,))
    for name, (metric, explanation) in _FIGURES.items():
        if name in figures:
            yield one(metric, "gauge", explanation, figures[name])
    budget = health.limits.evidence_bytes
    yield one("xunhe_evidence_budget_bytes", "gauge", "What evidence may take", budget)
    failing = ((({"part": name}), float(n)) for name, n in health.failing().items())
    yield Metric("xunhe_part_failing", "gauge", "Failures in a row of a part", (*failing,))
    gone = (({"of": name}, float(n)) for name, n in removed(connection).items())
    yield Metric("xunhe_retention_removed_total", "counter", "Rows past their time", (*gone,))


_FIGURES = {
    "database_bytes": ("xunhe_database_bytes", "Size of the database's file"),
    "wal_bytes": ("xunhe_wal_bytes", "Size of the database's write-ahead log"),
    "evidence_bytes": ("xunhe_evidence_bytes", "What evidence takes"),
    "backup_age_s": ("xunhe_backup_age_seconds", "Age of the newest good backup"),
}
