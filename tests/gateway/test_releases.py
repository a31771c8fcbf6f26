"""Handing out releases: whole ones, piece by piece, and nothing that does not fit its manifest."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.gateway.conftest import Buoy, Site
from xunhe.adapters.ingest import Ingest, Message
from xunhe.adapters.releases import ReleaseError, Releases
from xunhe.adapters.rules_file import shipped
from xunhe.cli import app
from xunhe_buoy import message
from xunhe_tools import bundle

SEED = bytes(range(32))


@pytest.fixture
def buoy(site: Site) -> Buoy:
    return site.buoys["YX-S1"]


def publish(folder: Path, release: int, size: int) -> bytes:
    data = bytes(n % 251 for n in range(size))
    bundle.publish(folder, bundle.sign(data, release, "1.0.0", "virtual", SEED), data)
    return data


@pytest.mark.parametrize("size", [1, 1023, 1024, 1025, 5000])
def test_a_bundle_arrives_whole_when_each_piece_is_asked_for(tmp_path: Path, size: int) -> None:
    data = publish(tmp_path, 3, size)
    releases = Releases(tmp_path)
    got = b""
    while len(got) < size:
        chunk = releases.answer({"type": "want", "release": 3, "offset": len(got)})
        assert (chunk.release, chunk.offset) == (3, len(got))
        assert 1 <= len(chunk.data) <= 1024
        got += chunk.data
    assert got == data


def test_a_manifest_goes_to_the_buoy_as_it_was_signed(tmp_path: Path) -> None:
    publish(tmp_path, 3, 10)
    assert Releases(tmp_path).manifest(3) == json.loads((tmp_path / "3.json").read_text())


@pytest.mark.parametrize(
    ("want", "message"),
    [
        ({"release": 3, "offset": 10}, "has 10 bytes"),
        ({"release": 3, "offset": -1}, "offset -1 is not"),
        ({"release": 3, "offset": True}, "offset True is not"),
        ({"release": 3, "offset": 1.0}, r"offset 1\.0 is not"),
        ({"release": 3}, "offset None is not"),
        ({"release": "../3", "offset": 0}, "release '../3' is not"),
        ({"release": 1 << 32, "offset": 0}, "is not a whole number"),
        ({"release": 4, "offset": 0}, "4.json"),
    ],
)
def test_what_cannot_be_answered_has_a_reason(tmp_path: Path, want: dict, message: str) -> None:
    publish(tmp_path, 3, 10)
    with pytest.raises(ReleaseError, match=message):
        Releases(tmp_path).answer(want)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("3.bundle", b"another one"),
        ("3.json", b"{"),
        ("3.json", b"[" * 5000),
        ("3.json", b"[]"),
        ("3.json", b'{"release": 3}'),
        ("3.bundle", bytes((1 << 20) + 1)),
    ],
)
def test_a_release_that_is_not_whole_is_not_handed_out(
    tmp_path: Path, name: str, content: bytes
) -> None:
    publish(tmp_path, 3, 10)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReleaseError, match=r"^3\."):
        Releases(tmp_path).answer({"release": 3, "offset": 0})


def test_a_release_under_another_ones_number_is_not_handed_out(tmp_path: Path) -> None:
    publish(tmp_path, 3, 10)
    for suffix in ("json", "bundle"):
        (tmp_path / f"3.{suffix}").rename(tmp_path / f"4.{suffix}")
    with pytest.raises(ReleaseError, match=r"4\.bundle is not the one"):
        Releases(tmp_path).manifest(4)


def test_a_release_that_is_put_in_later_is_found(tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    with pytest.raises(ReleaseError):
        releases.manifest(5)
    publish(tmp_path, 5, 10)
    assert releases.manifest(5)["release"] == 5


def test_a_number_is_published_once(tmp_path: Path) -> None:
    publish(tmp_path, 3, 10)
    publish(tmp_path, 3, 10)  # the same again is no change
    with pytest.raises(bundle.BundleError, match="release 3 is there already"):
        publish(tmp_path, 3, 11)


def test_a_buoy_that_asks_gets_the_piece_signed_for_it_alone(
    site: Site, buoy: Buoy, tmp_path: Path
) -> None:
    data = publish(tmp_path, 3, 3000)
    ingest = Ingest(
        site.database, site.registry, site.clock, shipped(), releases=Releases(tmp_path)
    )
    body = message.to_body({"type": "want", "release": 3, "offset": 2048})
    frame = message.encode_report(buoy.address, 1, 1, body, buoy.key)
    reply = ingest.take([Message(f"xunhe/v1/{buoy.station}/report", frame, len(frame))])
    (down,) = reply.down
    assert (down.station, down.level) == (buoy.station, "update")
    assert message.decode_chunk(down.frame, buoy.address, buoy.key) == (3, 2048, data[2048:])


def test_an_operator_offers_a_release_to_a_buoy(site: Site, buoy: Buoy, tmp_path: Path) -> None:
    publish(tmp_path / "releases", 3, 10)
    config = tmp_path / "xunhe.toml"
    config.write_text(
        f'[store]\ndatabase = "{site.database.url}"\n'
        f'[releases]\nfolder = "{tmp_path / "releases"}"\n'
    )

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["device", *words, "--config", str(config)])
        return done.exit_code, done.output

    assert run("update", buoy.station, "4")[0] == 2
    assert run("update", "YX-S9", "3")[0] == 2
    assert run("update", buoy.station, "3")[0] == 0
    assert '{"update": {"release": 3' in run("show", buoy.station)[1]
