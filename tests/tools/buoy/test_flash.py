"""`xunhe buoy flash` on virtual boards: from bare to a buoy, and every reason to stop."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.tools.buoy.conftest import DEVICE, KNOCKS_S, RELEASE_SEED, Bench, provision
from tests.tools.buoy.test_virtual_board import files_of, wait_until
from xunhe_tools import bundle
from xunhe_tools.buoy import flashing, images, installing, layout
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.errors import BuoyError, StopError
from xunhe_tools.buoy.flashing import Desk, Plan
from xunhe_tools.buoy.installing import Release
from xunhe_tools.buoy.looking import Found, Kind, look
from xunhe_tools.buoy.port import Port
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.cli import app
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.image import FLASH_8MB, make_image


def newer(release: Release) -> Release:
    """Release 8: the same firmware with a file more."""
    return replace(release, number=8, entries={**release.entries, "xunhe_buoy/news.mpy": b"M\x06"})


def flash(board: VirtualBoard, plan: Plan, desk: Desk | None = None) -> flashing.Flashed:
    return flashing.flash(str(board.port), plan, desk or Desk(), lambda step, part: None)


def running(board: VirtualBoard) -> dict[str, object]:
    with Console(str(board.port)) as console:
        return console.ask({"do": "update"}, 20)


@pytest.fixture
def plan(release: Release, tmp_path: Path) -> Plan:
    return Plan(release, tmp_path / "saved")


@pytest.fixture
def image(tmp_path: Path, technicians_home: Path) -> Path:
    """An image that the technician has found good."""
    file = tmp_path / "micropython.bin"
    file.write_bytes(make_image())
    images.add(file)
    return file


@pytest.fixture
def stick(tmp_path: Path, packed: bytes, technicians_home: Path) -> Path:
    """Release 7 as it is carried, its key known here."""
    manifest = bundle.sign(packed, 7, "0.1.0", "virtual", RELEASE_SEED)
    bundle.publish(tmp_path / "stick", manifest, packed)
    technicians_home.mkdir(exist_ok=True)
    (technicians_home / "release.pub").write_text(bundle.public_key(RELEASE_SEED).hex())
    return tmp_path / "stick"


def run(*words: object, code: int = 0) -> dict[str, object]:
    done = CliRunner().invoke(app, ["buoy", *map(str, words), "--json"])
    assert done.exit_code == code, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


# -- all goes well


def test_a_bare_board_becomes_a_flashed_one(bench: Bench, stick: Path, image: Path) -> None:
    board = bench(image=False)
    told = run("flash", "--port", board.port, "--bundle", stick, "--image", image)
    (done,) = told["boards"]  # type: ignore[misc]
    assert (done["device"], done["provisioned"], done["saved"]) == (DEVICE, False, 0)
    assert board.has_image
    (found,) = run("list", "--port", board.port)["ports"]  # type: ignore[misc]
    assert (found["kind"], found["device"], found["release"]) == ("flashed", DEVICE, 7)


def test_an_independent_littlefs_finds_every_file_of_the_bundle(
    bench: Bench, plan: Plan, release: Release
) -> None:
    board = bench()
    flash(board, plan)
    board.close()
    there = files_of(board.hardware.flash)
    for name, content in release.entries.items():
        assert there[f"/slots/a/{name}"] == content
    for path, content in layout.boot_code().items():
        assert there[path] == content


def test_flashing_again_writes_nothing_that_is_there(flashed: VirtualBoard, plan: Plan) -> None:
    with Repl(str(flashed.port), entry_s=KNOCKS_S) as repl:
        assert installing.write_missing(repl, layout.boot_code()) == 0
        entries = layout.slot_files("a", plan.release.entries)
        assert installing.write_missing(repl, entries) == 0
        repl.write(next(iter(entries)), b"damaged")
        assert installing.write_missing(repl, entries) == 1


def test_a_running_buoy_takes_a_newer_release_and_answers_from_it(
    buoy: VirtualBoard, plan: Plan, release: Release
) -> None:
    done = flash(buoy, replace(plan, release=newer(release)))
    assert done.is_provisioned
    now = running(buoy)
    assert (now["slot"], now["on_trial"], now["newest"]) == ("b", False, 8)


def test_a_release_that_does_not_answer_is_left_again(
    buoy: VirtualBoard, plan: Plan, release: Release
) -> None:
    entries = {"xunhe_buoy/__init__.py": b"", "xunhe_buoy/main.py": b"import sys\nsys.exit(44)\n"}
    bad = replace(release, number=8, entries=entries)
    with pytest.raises(StopError, match=r"still runs a|does not answer|left"):
        flash(buoy, replace(plan, release=bad))
    wait_until(lambda: running(buoy)["slot"] == "a", "the old version runs")


def test_a_buoy_gets_its_image_anew_only_when_told(
    buoy: VirtualBoard, plan: Plan, image: Path
) -> None:
    wanted = replace(plan, image=images.trusted(image), image_bytes=image.read_bytes())
    buoy.hardware.folder.joinpath("image").write_bytes(b"old")
    flash(buoy, wanted)
    assert buoy.hardware.folder.joinpath("image").read_bytes() == b"old"
    flash(buoy, replace(wanted, writes_image_anew=True))
    assert buoy.hardware.folder.joinpath("image").read_bytes() == b""
    assert running(buoy)["slot"] in ("a", "b")


def test_several_boards_are_flashed_at_once(bench: Bench, stick: Path) -> None:
    boards = [bench(f"b{i}", device=f"02a1b2c3d4e{i}") for i in range(2)]
    ports = [word for board in boards for word in ("--port", board.port)]
    told = run("flash", *ports, "--bundle", stick)
    assert [b["device"] for b in told["boards"]] == ["02a1b2c3d4e0", "02a1b2c3d4e1"]  # type: ignore[attr-defined]


def test_a_dry_run_says_the_steps_and_does_nothing(bench: Bench, stick: Path, image: Path) -> None:
    board = bench(image=False)
    told = run("flash", "--port", board.port, "--bundle", stick, "--image", image, "--dry-run")
    (steps,) = [each["steps"] for each in told["boards"]]  # type: ignore[attr-defined]
    assert steps == ["write image", "upload release 7", "verify", "restart"]
    assert not board.has_image


# -- reasons to stop


def stopped(board: VirtualBoard, plan: Plan, desk: Desk | None = None) -> str:
    with pytest.raises(BuoyError) as found:
        flash(board, plan, desk)
    assert found.value.next_step
    return found.value.happened


def test_a_bare_board_needs_an_image(bench: Bench, plan: Plan) -> None:
    assert "has no MicroPython yet" in stopped(bench(image=False), plan)


def test_another_chip_is_named_and_left_alone(bench: Bench, plan: Plan, image: Path) -> None:
    board = bench(image=False, chip="esp32c3")
    wanted = replace(plan, image=images.trusted(image), image_bytes=image.read_bytes())
    assert "is a ESP32-C3, not an ESP32-S3" in stopped(board, wanted)
    assert not board.has_image


def test_an_image_for_a_greater_flash_is_refused(bench: Bench, plan: Plan, image: Path) -> None:
    board = bench(image=False)
    image.write_bytes(make_image(FLASH_8MB))
    wanted = replace(plan, image=images.add(image), image_bytes=image.read_bytes())
    assert "flash of 4 MiB, image for 8 MiB" in stopped(board, wanted)


def test_a_release_for_another_board_is_refused(flashed: VirtualBoard, plan: Plan) -> None:
    other = replace(plan, release=replace(plan.release, board="esp32s3"))
    assert "is a virtual, the release is for esp32s3" in stopped(flashed, other)


def test_a_buoy_with_a_newer_release_is_left_alone_unless_told(
    buoy: VirtualBoard, plan: Plan, release: Release
) -> None:
    old = replace(plan, release=replace(release, number=6))
    assert "runs a newer release: 7 > 6" in stopped(buoy, old)
    flash(buoy, replace(old, takes_older=True))
    now = running(buoy)
    assert (now["slot"], now["newest"]) == ("b", 7)  # what was confirmed once is never forgotten


def test_a_full_flash_is_told_before_anything_is_written(bench: Bench, plan: Plan) -> None:
    board = bench(sectors=64)
    assert "flash is full" in stopped(board, plan)
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        assert repl.tree("/slots") == {}
        assert repl.read(layout.MAIN) is None


def test_two_boards_with_one_number_are_not_both_flashed(bench: Bench, plan: Plan) -> None:
    desk = Desk()
    flash(bench("one"), plan, desk)
    other = bench("two")
    assert "have the same number: " + DEVICE in stopped(other, plan, desk)
    with Repl(str(other.port), entry_s=KNOCKS_S) as repl:
        assert repl.tree("/slots") == {}


def test_a_trial_is_not_disturbed(flashed: VirtualBoard, plan: Plan) -> None:
    with Repl(str(flashed.port), entry_s=KNOCKS_S) as repl:
        installing.stage(repl, newer(plan.release))
    assert "an update is on trial" in stopped(flashed, plan)


def test_a_flash_that_was_cut_short_before_it_confirmed_is_finished_by_the_next(
    flashed: VirtualBoard, plan: Plan
) -> None:
    with Repl(str(flashed.port), entry_s=KNOCKS_S) as repl:
        installing.upload(repl, newer(plan.release), lambda size: None)
        installing.stage(repl, newer(plan.release))
    done = flash(flashed, replace(plan, release=newer(plan.release)))
    assert done.written == 0
    with Repl(str(flashed.port), entry_s=KNOCKS_S) as repl:
        assert installing.slots(repl) == installing.Slots("b", "a", None, 8)


UNSENT = Found(Port("/dev/x"), Kind.BUOY, DEVICE, "virtual", "YX-S1", release=7, pending=3)


@pytest.mark.parametrize(
    ("found", "changes", "happened"),
    [
        (UNSENT, {}, "holds 3 unsent readings"),
        (UNSENT, {"despite_unsent": frozenset({"02a1b2c3d4e6"})}, "holds 3 unsent readings"),
        (UNSENT, {"despite_unsent": frozenset({DEVICE})}, ""),
        (replace(UNSENT, pending=0), {}, ""),
        (replace(UNSENT, pending=0, release=8), {}, "runs a newer release: 8 > 7"),
        (replace(UNSENT, pending=0, release=8), {"takes_older": True}, ""),
        (replace(UNSENT, pending=0, board="esp32s3"), {}, "is a esp32s3"),
        (Found(Port("/dev/x"), Kind.CLOSED, trouble="no rights"), {}, "no rights"),
        (Found(Port("/dev/x"), Kind.SILENT, trouble="no answer"), {}, "no answer"),
        (Found(Port("/x"), Kind.SILENT, trouble="no"), {"writes_image_anew": True}, "no"),
    ],
)
def test_what_stands_in_the_way_is_found_before_anything_is_done(
    plan: Plan, found: Found, changes: dict[str, object], happened: str
) -> None:
    wanted = replace(plan, **changes)  # type: ignore[arg-type]
    if not happened:
        flashing.check(found, wanted)
        return
    with pytest.raises(BuoyError, match=happened):
        flashing.check(found, wanted)


def test_unsent_readings_are_saved_before_a_buoy_is_flashed(
    bench: Bench, flash_of_a_buoy: Path, plan: Plan, release: Release
) -> None:
    clock = {"wall_s": 1_790_000_000, "river_s": 1_760_000_000, "factor": 100}
    board = bench(of=flash_of_a_buoy, buses={"clock": clock})
    provision(board, sample_interval_s=10)
    wait_until(lambda: (look(Port(str(board.port))).pending or 0) > 12, "readings wait", 60)
    allowed = replace(plan, release=newer(release), despite_unsent=frozenset({DEVICE}))
    done = flash(board, allowed)
    assert done.saved > 12
    with (plan.saved / f"{DEVICE}-YX-S1.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["seq"]) for row in rows] == list(range(done.saved))
    assert rows[0]["ph_flag"] == "9"  # no probe: missing, said so


# -- the bundle and the image


def test_a_bundle_of_somebody_else_is_refused(
    bench: Bench, stick: Path, technicians_home: Path
) -> None:
    (technicians_home / "release.pub").write_text(bundle.public_key(bytes(32)).hex())
    told = run("flash", "--port", "/dev/null", "--bundle", stick, code=1)
    assert "is not signed with the release key" in str(told["happened"])


def test_a_bundle_that_was_damaged_on_the_stick_is_refused(stick: Path) -> None:
    file = stick / "7.bundle"
    file.write_bytes(file.read_bytes()[:-2] + b"\x01\x00")
    told = run("flash", "--port", "/dev/null", "--bundle", stick, code=1)
    assert "is not what was signed" in str(told["happened"])


def test_an_unknown_image_is_refused_with_the_command_that_adds_it(
    stick: Path, tmp_path: Path
) -> None:
    file = tmp_path / "other.bin"
    file.write_bytes(make_image())
    told = run("flash", "--port", "/dev/null", "--bundle", stick, "--image", file, code=1)
    assert "is not a known image" in str(told["happened"])
    assert f"xunhe buoy image add {file}" in str(told["next"])


def test_esptool_finds_the_image_with_our_partition_table_whole(
    image: Path, tmp_path: Path
) -> None:
    known = images.trusted(image)
    (tmp_path / "with.bin").write_bytes(
        flashing.partitions.with_table(image.read_bytes(), known.flash_bytes)
    )
    esptool = Path(sys.executable).with_name("esptool")
    done = subprocess.run(
        [esptool, "image-info", tmp_path / "with.bin"], capture_output=True, text=True, check=True
    )
    assert "(valid)" in done.stdout
    assert "invalid)" not in done.stdout
