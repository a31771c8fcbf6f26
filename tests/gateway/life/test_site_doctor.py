"""`xunhe doctor --site` names what is wrong with an installed gateway, and what to do."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.gateway.life.conftest import TOML, Gateway, files_in
from tests.gateway.web.river_rows import NOW
from xunhe.adapters.backup import keeping
from xunhe.adapters.backup.locks import new_pair
from xunhe_tools import site_doctor
from xunhe_tools.finding import Finding, Verdict
from xunhe_tools.site_doctor import examine_site


@pytest.fixture
def site(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """A gateway with a key for backups, one backup, and no systemd."""
    _, public = new_pair()
    Path("xunhe.toml").write_text(f'{TOML}\n[backup]\nrecipient = "{public.hex()}"\n')
    with gateway.database.write() as connection:
        keeping.note(connection, NOW)
    monkeypatch.setattr(site_doctor, "_said", lambda *_: "")
    monkeypatch.setattr(site_doctor, "_broker", lambda _: Finding("broker", Verdict.OK, ""))
    return gateway


def wrong(hours: float = 1) -> dict[str, Finding]:
    found = list(examine_site(Path("xunhe.toml"), NOW + timedelta(hours=hours)))
    assert all(each.next_step for each in found if each.verdict is not Verdict.OK)
    return {each.name.split()[-1]: each for each in found if each.verdict is Verdict.MISSING}


def test_a_gateway_in_order_has_nothing_wrong_and_is_not_touched(site: Gateway) -> None:
    site.database.close()
    before = files_in(site.root)
    assert wrong() == {}
    changed = {name for name, data in files_in(site.root).items() if before.get(name) != data}
    assert all(name.endswith(("-wal", "-shm")) for name in changed)


def test_a_wrong_setting_is_named_and_nothing_after_it_is_guessed(site: Gateway) -> None:
    Path("xunhe.toml").write_text("[wbe]\n")
    found = wrong()
    assert list(found) == ["settings"]
    assert "web" in found["settings"].found


def test_lost_evidence_a_late_backup_and_open_rights_are_named(site: Gateway) -> None:
    site.store.remove(site.pictures[0])
    site.store.find(site.pictures[1]).write_bytes(b"cut")
    site.database.path.chmod(0o644)
    found = wrong(hours=31)
    assert found.keys() == {"evidence", "backup", "rights"}
    assert found["evidence"].found.startswith("2 / 3")


def test_a_damaged_database_leads_to_its_section_of_the_runbook(site: Gateway) -> None:
    site.database.close()
    path = site.database.path
    path.write_bytes(path.read_bytes()[: 4096 * 5])
    assert "database_broken" in wrong()["database"].next_step


def test_a_changed_row_of_the_desk_s_log_is_found(site: Gateway) -> None:
    with site.database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS desk_log_no_update")
        triggers = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'desk_log'"
        ).fetchall()
        for (name,) in triggers:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE desk_log SET actor = 'x' WHERE seq = 1")
    assert "desk verify" in wrong()["log"].next_step


def test_a_broker_that_is_not_there_is_wrong_unless_it_is_our_own(gateway: Gateway) -> None:
    finding = site_doctor._broker(gateway.settings)
    assert finding.verdict is Verdict.MISSING
    assert "broker_down" in finding.next_step
