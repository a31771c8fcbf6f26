"""`xunhe buoy keys` and `bundle`: reproducible, signed so that OpenSSL agrees, whole on a stick."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.tools.buoy.conftest import RELEASE_SEED
from tests.tools.test_bundle import openssl_verifies
from xunhe_buoy.update.statements import release_statement
from xunhe_tools import bundle
from xunhe_tools.cli import app


def run(*words: object, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["buoy", *map(str, words), "--json"])
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_keys_are_made_once_and_for_their_owners_eyes_only(tmp_path: Path) -> None:
    run("keys", tmp_path)
    for name in ("release", "root"):
        secret = tmp_path / f"{name}.key"
        assert secret.stat().st_mode & 0o777 == 0o600
        seed = bytes.fromhex(secret.read_text())
        assert bundle.public_key(seed).hex() == (tmp_path / f"{name}.pub").read_text().strip()
    before = (tmp_path / "release.key").read_text()
    assert "exists already" in run("keys", tmp_path, code=1)["happened"]
    assert (tmp_path / "release.key").read_text() == before


def test_a_bundle_is_the_same_anew_and_openssl_accepts_its_signature(
    tmp_path: Path, packed: bytes
) -> None:
    run("keys", tmp_path)
    key = tmp_path / "release.key"
    run("bundle", 3, "--board", "virtual", "--key", key, "--out", tmp_path / "stick")
    assert (tmp_path / "stick" / "3.bundle").read_bytes() == packed
    manifest, _ = bundle.load(tmp_path / "stick")
    digest = bytes.fromhex(manifest.sha256)
    words = release_statement(3, manifest.version, "virtual", len(packed), digest)
    public = bytes.fromhex((tmp_path / "release.pub").read_text())
    assert openssl_verifies(tmp_path, public, words, bytes.fromhex(manifest.signature))


def test_without_a_key_nothing_is_bundled(tmp_path: Path) -> None:
    told = run("bundle", 1, "--key", tmp_path / "none.key", "--out", tmp_path / "out", code=1)
    assert "xunhe buoy keys" in told["next"]
    assert not (tmp_path / "out").exists()


# -- reading a stick


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    for number in (2, 10):
        packed = bundle.pack([("xunhe_buoy/main.mpy", b"code %d" % number)])
        manifest = bundle.sign(packed, number, "0.1.0", "virtual", RELEASE_SEED)
        bundle.publish(tmp_path / "stick", manifest, packed)
    return tmp_path / "stick"


def test_the_newest_release_is_taken_unless_one_is_named(stick: Path) -> None:
    assert bundle.load(stick)[0].release == 10
    assert bundle.load(stick, 2)[0].release == 2
    with pytest.raises(bundle.BundleError, match="holds no release 3"):
        bundle.load(stick, 3)


def test_a_stick_on_which_a_file_is_missing_or_damaged_says_so(stick: Path) -> None:
    (stick / "10.bundle").unlink()
    with pytest.raises(bundle.BundleError, match="cannot be read"):
        bundle.load(stick)
    (stick / "2.json").write_text("{")
    with pytest.raises(bundle.BundleError, match="cannot be read"):
        bundle.load(stick, 2)
    shutil.rmtree(stick)
    with pytest.raises(bundle.BundleError, match="holds no release"):
        bundle.load(stick)


def test_a_bundle_is_believed_only_with_the_signature_of_its_key(stick: Path) -> None:
    manifest, packed = bundle.load(stick)
    key = bundle.public_key(RELEASE_SEED)
    bundle.check(manifest, packed, key)
    with pytest.raises(bundle.BundleError, match="not what was signed"):
        bundle.check(manifest, packed[:-1], key)
    with pytest.raises(bundle.BundleError, match="not signed with the release key"):
        bundle.check(manifest, packed, bundle.public_key(bytes(32)))


def test_what_was_packed_is_unpacked() -> None:
    entries = {"xunhe_buoy/a.mpy": b"", "xunhe_buoy/b/c.mpy": bytes(range(256)) * 9}
    assert bundle.unpack(bundle.pack(list(entries.items()))) == entries


def test_every_cut_and_every_bent_byte_of_a_bundle_is_refused() -> None:
    packed = bundle.pack([("xunhe_buoy/a.mpy", b"abc"), ("xunhe_buoy/b.mpy", b"defg")])
    for end in range(len(packed)):
        with pytest.raises(bundle.BundleError):
            bundle.unpack(packed[:end])
    inside = packed.index(b"defg")
    with pytest.raises(bundle.BundleError, match=r"b\.mpy in the bundle is damaged"):
        bundle.unpack(packed[:inside] + b"X" + packed[inside + 1 :])
