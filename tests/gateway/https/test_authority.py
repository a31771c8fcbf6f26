"""The site's own authority: what it makes, when it renews, what it cannot vouch for."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from typer.testing import CliRunner

from xunhe.adapters.https import authority
from xunhe.adapters.https.authority import OutsideError, Step, carry_out, plan
from xunhe.adapters.https.names import Names, found_names
from xunhe_tools.cli import app

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = Names((), ()).with_more(["localhost", "river.local", "127.0.0.1", "192.168.1.20"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    carry_out(plan(tmp_path / "https", NAMES, NOW), NOW)
    return tmp_path / "https"


def steps(folder: Path, names: Names = NAMES, at: datetime = NOW) -> tuple[Step, Step]:
    found = plan(folder, names, at)
    return found.authority, found.server


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    found = plan(tmp_path / "https", NAMES, NOW)
    assert (found.authority, found.server) == (Step.FIRST, Step.OTHER_AUTHORITY)
    assert not (tmp_path / "https").exists()


def test_keys_are_their_owners_only(folder: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {
        "authority.crt": 0o644,
        "authority.key": 0o600,
        "server.crt": 0o644,
        "server.key": 0o600,
    }


def test_a_second_run_changes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    found = plan(folder, NAMES, NOW + timedelta(days=1))
    carry_out(found, NOW)
    assert (found.authority, found.server) == (Step.KEPT, Step.KEPT)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_the_certificate_is_renewed_thirty_days_before_its_end(folder: Path) -> None:
    due = NOW + authority.SERVER_HOLDS - authority.RENEWED_BEFORE
    assert steps(folder, at=due) == (Step.KEPT, Step.KEPT)
    assert not authority.renew(folder, due)
    assert steps(folder, at=due + timedelta(seconds=1)) == (Step.KEPT, Step.ENDING)
    root = (folder / authority.AUTHORITY).read_bytes()
    assert authority.renew(folder, due + timedelta(seconds=1))
    assert steps(folder, at=due + timedelta(days=2)) == (Step.KEPT, Step.KEPT)
    assert (folder / authority.AUTHORITY).read_bytes() == root, "phones notice nothing"


def test_no_certificate_outlives_its_authority(folder: Path) -> None:
    root = authority.read(folder / authority.AUTHORITY)
    late = NOW + authority.AUTHORITY_HOLDS - timedelta(days=60)
    assert authority.renew(folder, late)
    assert authority.read(folder / authority.SERVER).not_valid_after_utc == root.not_valid_after_utc
    end = NOW + authority.AUTHORITY_HOLDS - timedelta(days=29)
    assert steps(folder, at=end) == (Step.ENDING, Step.OTHER_AUTHORITY)


def test_another_private_address_renews_and_keeps_given_names(folder: Path) -> None:
    moved = Names((), ()).with_more(["localhost", "10.1.2.3"])
    found = plan(folder, moved, NOW)
    assert (found.authority, found.server) == (Step.KEPT, Step.NAMES)
    carry_out(found, NOW)
    shown = authority.names_of(authority.read(folder / authority.SERVER))
    assert shown.hosts == ("localhost", "river.local")
    assert [str(a) for a in shown.addresses] == ["10.1.2.3"]


@pytest.mark.parametrize("outside", ["bank.example", "203.0.113.9"])
def test_a_name_outside_the_authority_needs_another_one(folder: Path, outside: str) -> None:
    with pytest.raises(OutsideError, match="new-authority"):
        plan(folder, NAMES.with_more([outside]), NOW)
    found = plan(folder, NAMES.with_more([outside]), NOW, new_authority=True)
    carry_out(found, NOW)
    assert steps(folder, NAMES.with_more([outside])) == (Step.KEPT, Step.KEPT)


def test_the_authority_may_sign_for_its_names_only(folder: Path) -> None:
    root = authority.read(folder / authority.AUTHORITY)
    constraints = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)


def handshake(folder: Path, shown: Path, host: str) -> None:
    """Between two ends in memory, by OpenSSL. ssl.SSLError where the client does not trust it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(shown / authority.SERVER, shown / authority.SERVER_KEY)
    client = ssl.create_default_context(cafile=str(folder / authority.AUTHORITY))
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(back, there, server_hostname=host)
    far = server.wrap_bio(there, back, server_side=True)
    for end in (near, far) * 4:
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.fixture
def present(tmp_path: Path) -> Path:
    """Made today, as OpenSSL judges by the machine's clock."""
    folder = tmp_path / "present"
    carry_out(plan(folder, NAMES, datetime.now(UTC)), datetime.now(UTC))
    return folder


@pytest.mark.parametrize("host", ["localhost", "river.local", "127.0.0.1", "192.168.1.20"])
def test_openssl_trusts_it_for_each_name_and_address(present: Path, host: str) -> None:
    handshake(present, present, host)


def test_openssl_trusts_it_for_no_other(present: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        handshake(present, present, "192.168.1.21")


def test_a_stolen_key_of_the_authority_opens_no_other_site(present: Path) -> None:
    """Somebody signs a certificate for a bank with it: OpenSSL refuses."""
    now = datetime.now(UTC)
    bank = Names((), ()).with_more(["bank.example"])
    carry_out(authority.Plan(present, bank, Step.KEPT, Step.NAMES), now)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(present, present, "bank.example")


def test_this_machine_finds_its_own_names() -> None:
    found = found_names()
    assert "localhost" in found.hosts
    assert "127.0.0.1" in map(str, found.addresses)
    assert "localhost" not in found.reachable


def test_the_command_previews_makes_and_refuses(tmp_path: Path) -> None:
    folder = tmp_path / "https"
    asked = ["https", "--folder", str(folder)]
    preview = CliRunner().invoke(app, [*asked, "--dry-run"])
    assert (preview.exit_code, folder.exists()) == (0, False)
    assert "nothing was written" in preview.output
    made = CliRunner().invoke(app, [*asked, "--name", "river.example"])
    assert made.exit_code == 0, made.output
    assert "river.example" in made.output
    assert "[web] https" in made.output
    refused = CliRunner().invoke(app, [*asked, "--name", "bank.example"])
    assert refused.exit_code == 2
    assert "--new-authority" in refused.stderr
