"""What an operator installs fits the program: units, layout, alerts, dashboard, runbook."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes import camera_desk
from tests.gateway.life.conftest import Gateway
from tests.gateway.web.console_server import serve
from tests.gateway.web.river_rows import NOW, SetClock
from xunhe.adapters.backup import keeping
from xunhe.adapters.backup.belongings import belongings
from xunhe.adapters.health import Alarm, Health, Limits
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.records import count
from xunhe.desk.lights import Light
from xunhe.domain.clock_watch import ClockWatch
from xunhe.domain.incident import Kind
from xunhe.domain.outward import Message
from xunhe.settings import load
from xunhe.web.runbook import FILE, sections
from xunhe.web.wording import GATEWAY_ALARMS
from xunhe_tools.cli import app

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
ALERTS = (DEPLOY / "prometheus/alerts.yml").read_text("utf-8")
DASHBOARD = json.loads((DEPLOY / "grafana/xunhe.json").read_text("utf-8"))
RUNBOOK = FILE.read_text("utf-8")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, night: Path) -> dict[str, set[str]]:
    """Every metric of a gateway that has everything, and the labels of each."""
    folder = tmp_path_factory.mktemp("metrics")
    shutil.copy(night, folder)
    from xunhe.adapters.store.database import Database

    database = Database(folder / night.name)
    with database.write() as connection:
        keeping.note(connection, NOW)
        count(connection, "retention.event", 3)
        count(connection, "evidence.removed", 1)
        waiting = Message("k", "ticket", NOW, {})
        deliveries.add(connection, "webhook.city", [waiting], NOW)
    clock = SetClock()
    watch = ClockWatch(clock, NOW.timestamp)  # type: ignore[arg-type]
    health = Health(database, folder, Limits(2**30, NOW - NOW), clock, clock, watch)  # type: ignore[arg-type]
    health.failing = lambda: {"ingest": 1}
    health.look()
    desk = camera_desk.desk(NOW)
    with serve(database, cameras=desk, health=health) as served, served.client() as client:
        text = client.get("/metrics").text
    database.close()
    return {
        sample.name: {label for s in family.samples for label in s.labels}
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def expressions() -> Iterator[str]:
    """What the alerts and the dashboard ask Prometheus for."""
    yield from re.findall(r"^ +expr: (.+)$", ALERTS, re.MULTILINE)
    for panel in DASHBOARD["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))
    for variable in DASHBOARD["templating"]["list"]:
        yield variable.get("query", "")


def asked(text: str) -> set[str]:
    return set(re.findall(r"\bxunhe_\w+", text))


def test_the_alerts_and_the_dashboard_ask_for_metrics_that_exist(
    exported: dict[str, set[str]],
) -> None:
    for expression in expressions():
        for name in asked(expression):
            assert name in exported, f"{name} in {expression}"
        for name, labels in re.findall(r"\b(xunhe_\w+)\{([^}]*)\}", expression):
            used = set(re.findall(r"(\w+)=~?\"", labels)) - {"job", "instance"}
            assert used <= exported[name], expression


def test_every_metric_stands_in_the_manual_and_no_other(exported: dict[str, set[str]]) -> None:
    manual = (ROOT / "docs/metrics.md").read_text("utf-8")
    told = set(re.findall(r"^\| `(xunhe_\w+)`", manual, re.MULTILINE))
    assert told == exported.keys()


def test_the_dashboard_shows_every_alarm_and_what_it_names_is_on_it() -> None:
    assert DASHBOARD["uid"] == "xunhe"
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in DASHBOARD["panels"]:
        assert re.search(r"[一-鿿]", panel["title"])
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= 24
    assert any("xunhe_alarm" in expression for expression in expressions())


def test_every_alarm_and_every_light_has_its_section_of_the_runbook() -> None:
    found = sections()
    assert len(found) == len(set(found))
    needed = {kind.value for kind in Kind} | {alarm.value for alarm in Alarm}
    needed |= {f"light_{light.value}" for light in Light} - {"light_green"}
    needed |= set(re.findall(r"runbook: (\w+)", ALERTS))
    assert needed == set(found)


def test_every_alarm_of_the_gateway_has_an_alert_and_words() -> None:
    assert set(re.findall(r'xunhe_alarm\{alarm="(\w+)"\}', ALERTS)) == {a.value for a in Alarm}
    assert GATEWAY_ALARMS.keys() == {alarm.value for alarm in Alarm}


def test_every_section_is_chinese_first_with_english_beside() -> None:
    for section in re.split(r"^### ", RUNBOOK, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        assert re.search(r"[一-鿿]", heading), heading
        assert "*English*" in body, heading
        assert re.search(r"[一-鿿]", body).start() < body.index("*English*"), heading  # type: ignore[union-attr]


def test_the_runbook_of_the_documents_is_the_one_that_ships() -> None:
    assert (ROOT / "docs/runbook.md").read_text("utf-8") == RUNBOOK


def test_what_the_runbook_and_the_manual_tell_people_to_run_exists() -> None:
    from tests.test_documents import ALL

    known = {name for name, _ in ALL}
    for text in (RUNBOOK, (ROOT / "docs/operations.md").read_text("utf-8")):
        for name in re.findall(r"`(xunhe [a-z][a-z -]*)", text):
            words = name.split()
            assert any(" ".join(words[:n]) in known for n in (2, 3, 4)), name


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text("utf-8")
        # The programs are not installed here: something that is stands in for them.
        (tmp_path / unit.name).write_text(re.sub(r"/opt/xunhe/\S+/xunhe", "/bin/true", text))
    command = ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if "xunhe" in line]
    assert ours == []


def test_the_units_run_commands_that_exist_with_options_that_exist() -> None:
    commands = typer.main.get_group(app).commands
    for unit in UNITS:
        for line in re.findall(r"^ExecStart=\S+/(xunhe .+)$", unit.read_text("utf-8"), re.M):
            words = line.split()
            command = commands[words[1]]
            options = {option for parameter in command.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= options


def test_the_installed_layout_keeps_every_belonging_below_its_folders() -> None:
    settings = load(DEPLOY / "etc/xunhe.toml")
    for each in belongings(settings, Path("/etc/xunhe/xunhe.toml")):
        assert each.path.is_absolute(), each
        assert each.path.is_relative_to("/var/lib/xunhe") or each.name == "settings"
    folders = (DEPLOY / "tmpfiles.conf").read_text("utf-8")
    assert str(settings.backup.folder) in folders
    assert not settings.backup.folder.is_relative_to("/var/lib/xunhe")


def test_a_gateway_of_the_layout_listens_on_this_machine_only() -> None:
    settings = load(DEPLOY / "etc/xunhe.toml")
    assert settings.web.host == settings.mqtt.host == "127.0.0.1"


def test_the_gateway_has_what_the_tests_of_the_layout_compare(gateway: Gateway) -> None:
    assert {each.name for each in gateway.belongings} >= {"database", "evidence", "registry"}
