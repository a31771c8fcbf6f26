"""Updates: what is taken, what is refused and why, trial, confirmation, return to the old one."""

import itertools
import json
import random

import pytest
from mutations import LONG

from xunhe_boot import files, slots
from xunhe_buoy import status
from xunhe_buoy.update import installer
from xunhe_buoy.update.updates import TRIAL_S
from xunhe_tools.bench.firmware.torn_disk import TornDisk
from xunhe_tools.bench.firmware.update_bed import ROOT_SEED, Buoy, Image, Settings
from xunhe_tools.bundle import public_key, sign_key


@pytest.fixture
def buoy():
    found = Buoy(TornDisk(), [Image(release) for release in (1, 2, 3)])
    found.start()
    return found


def take(buoy, release):
    """The whole way of a release; the buoy runs it confirmed in the end."""
    assert buoy.offer(buoy.images[release]) == (True, None)
    buoy.pull()
    assert buoy.updates.restart_due
    buoy.start()
    buoy.measure()


def test_a_buoy_without_updates_runs_the_factorys_copy(buoy):
    assert (buoy.release, buoy.slots.running, buoy.updates.on_trial) == (0, "factory", False)
    assert buoy.disk.operations == 0


def test_a_release_is_pulled_staged_tried_and_confirmed_by_the_first_reading(buoy):
    assert buoy.offer(buoy.images[1]) == (True, None)
    assert buoy.updates.busy
    buoy.pull()
    assert (buoy.updates.restart_due, buoy.updates.busy, buoy.release) == (True, False, 0)
    buoy.start()
    assert (buoy.release, buoy.updates.on_trial, buoy.updates.restart_due) == (1, True, False)
    buoy.updates.acknowledged(buoy.boot - 1)  # the backlog of the version before proves nothing
    assert buoy.updates.on_trial
    buoy.updates.acknowledged(buoy.boot)
    assert not buoy.updates.on_trial
    assert buoy.states() == [("staged", 1), ("confirmed", 1)]
    buoy.start()
    assert (buoy.release, buoy.slots.newest) == (1, 1)


def test_the_two_slots_take_turns_and_the_running_one_is_never_written(buoy):
    for release, slot in ((1, "a"), (2, "b"), (3, "a")):
        running = buoy.slots.folder(buoy.slots.running)
        begin = buoy.disk.operations
        take(buoy, release)
        touched = buoy.disk.touched[begin:]
        assert buoy.slots.running == slot
        assert running is None or not any(path.startswith(running + "/") for path in touched)


def test_a_version_that_never_gets_a_reading_through_is_left_after_two_starts(buoy):
    buoy.images[1].good = False
    buoy.offer(buoy.images[1])
    buoy.pull()
    for release, trial in ((1, True), (1, True), (0, False), (0, False)):
        buoy.start()
        buoy.measure()
        assert (buoy.release, buoy.updates.on_trial) == (release, trial)
    assert buoy.states() == [("staged", 1), ("rolled back", 1)]


def test_a_release_that_was_rolled_back_may_be_offered_again(buoy):
    buoy.images[1].good = False
    buoy.offer(buoy.images[1])
    buoy.pull()
    for _ in range(3):
        buoy.start()
    assert buoy.release == 0
    buoy.images[1].good = True
    take(buoy, 1)
    assert buoy.release == 1


@pytest.mark.parametrize(("awake_s", "due"), [(TRIAL_S - 1, False), (TRIAL_S + 1, True)])
def test_a_trial_that_hears_nothing_for_two_hours_starts_anew(buoy, awake_s, due):
    buoy.offer(buoy.images[1])
    buoy.pull()
    buoy.start()
    buoy.board.ms += 1000 * awake_s
    assert buoy.updates.restart_due is due


def test_a_slot_that_cannot_be_imported_is_given_up_at_once(buoy):
    buoy.offer(buoy.images[1])
    buoy.pull()
    buoy.start()
    buoy.slots.abandon()
    buoy.start()
    assert (buoy.release, buoy.states()[-1]) == (0, ("rolled back", 1))
    take(buoy, 2)
    buoy.slots.abandon()  # the confirmed one, its flash worn: the factory's copy is left
    buoy.start()
    assert (buoy.release, buoy.slots.newest, buoy.states()[-1]) == (0, 2, ("rolled back", 2))
    assert buoy.offer(buoy.images[2]) == (False, "replay")
    take(buoy, 3)
    assert buoy.release == 3


def full(disk, path, data):
    raise OSError(28, "no space")


def test_a_trial_whose_start_cannot_be_counted_is_not_entered(buoy, monkeypatch):
    buoy.offer(buoy.images[1])
    buoy.pull()
    monkeypatch.setattr(files, "replace", full)
    buoy.start()
    assert (buoy.release, buoy.updates.on_trial) == (0, False)


def test_a_flash_that_fails_ends_no_start(buoy, monkeypatch):
    buoy.offer(buoy.images[1])
    buoy.pull()
    buoy.start()
    monkeypatch.setattr(files, "replace", full)
    buoy.updates.acknowledged(buoy.boot)
    assert buoy.said[-1].startswith("flash ")
    monkeypatch.undo()
    buoy.start()
    assert buoy.updates.on_trial
    monkeypatch.setattr(files, "replace", full)
    for _ in range(2):
        buoy.start()
        assert (buoy.release, buoy.updates.on_trial) == (0, False)


def test_a_chunk_that_cannot_be_stored_ends_the_update_with_the_reason(buoy, monkeypatch):
    def full(disk, path, mode):
        raise OSError(28, "no space")

    buoy.offer(buoy.images[1])
    monkeypatch.setattr(TornDisk, "open_file", full)
    buoy.pull()
    assert (buoy.reports[-1]["state"], buoy.reports[-1]["reason"]) == ("refused", "flash")
    assert not buoy.updates.busy


def test_an_unfinished_update_that_cannot_be_read_does_not_end_the_start(buoy, monkeypatch):
    buoy.offer(buoy.images[1])
    buoy.pull()
    files.replace(buoy.disk, "slots/incoming", json.dumps(buoy.images[1].manifest).encode())

    def broken(disk, path):
        raise OSError(5, "bad block")

    monkeypatch.setattr(files, "remove", broken)
    buoy.start()
    assert buoy.said[-1].startswith("flash ")
    assert buoy.release == 1


@pytest.mark.parametrize(
    "state",
    [b"", b"{}", b"[]", b"null", b'{"confirmed": "c"}', b"\xff\x00", b"7", b'{"confirmed":'],
)
def test_a_state_that_cannot_be_read_starts_the_factorys_copy(state):
    disk = TornDisk()
    files.make_folder(disk, "slots")
    files.replace(disk, "slots/state", state)
    assert slots.Slots(disk, "slots").choose() == "factory"


# -- refusals


def refused(image, newest=1, **changes):
    buoy = Buoy(TornDisk(), [Image(1), image])
    buoy.start()
    if newest:
        take(buoy, 1)
    begin = buoy.disk.operations
    ok, reason = buoy.updates.command({"update": image.manifest | changes})
    assert ok or buoy.disk.operations == begin, "a refused manifest changed the disk"
    return reason


@pytest.mark.parametrize(
    ("image", "changes", "reason"),
    [
        (Image(2), {}, None),
        (Image(1), {}, "replay"),
        (Image(1, version="9.9.9"), {}, "replay"),
        (Image(2, version="0.0.9"), {}, "downgrade"),
        (Image(2, version=status.FIRMWARE), {}, None),
        (Image(2, board="esp32s3"), {}, "wrong board"),
        (Image(2, board="esp32s3"), {"board": "virtual"}, "signature"),
        (Image(2), {"release": 3}, "signature"),
        (Image(2), {"version": "9.0.1"}, "signature"),
        (Image(2), {"size": 3000}, "signature"),
        (Image(2), {"sha256": "00" * 32}, "signature"),
        (Image(2), {"signature": "00" * 64}, "signature"),
        (Image(2), {"signature": "00" * 63}, "malformed"),
        (Image(2), {"size": 0}, "malformed"),
        (Image(2), {"size": (1 << 20) + 1}, "malformed"),
        (Image(2), {"size": 1 << 20}, "signature"),
        (Image(2), {"release": 1 << 32}, "malformed"),
        (Image(2), {"release": True}, "malformed"),
        (Image(2), {"version": "1.0"}, "malformed"),
        (Image(2), {"version": "1.²2.3"}, "malformed"),
        (Image(2), {"board": None}, "malformed"),
        (Image(2), {"more": 1}, "malformed"),
    ],
)
def test_a_manifest_is_refused_with_the_reason(image, changes, reason):
    assert refused(image, **changes) == reason


def test_an_older_release_is_a_downgrade():
    buoy = Buoy(TornDisk(), [Image(1), Image(2)])
    buoy.start()
    take(buoy, 2)
    assert buoy.offer(buoy.images[1]) == (False, "downgrade")


def test_what_is_not_even_an_object_is_malformed(buoy):
    for content in (None, 1, [], "x", {}):
        assert buoy.updates.command({"update": content}) == (False, "malformed")
        assert buoy.updates.command({"rotate": content}) == (False, "malformed")


def test_nothing_is_taken_while_a_release_is_on_trial(buoy):
    buoy.offer(buoy.images[1])
    buoy.pull()
    assert buoy.offer(buoy.images[2]) == (False, "on trial")
    buoy.start()
    assert buoy.offer(buoy.images[2]) == (False, "on trial")


def test_a_disk_without_room_refuses(buoy, monkeypatch):
    need = 2 * len(buoy.images[1].bundle) + 16 * 1024
    monkeypatch.setattr(TornDisk, "free_bytes", lambda disk, path: need - 1)
    assert buoy.offer(buoy.images[1]) == (False, "no room")
    monkeypatch.setattr(TornDisk, "free_bytes", lambda disk, path: need)
    assert buoy.offer(buoy.images[1]) == (True, None)


def test_a_buoy_without_keys_or_slots_takes_no_update(buoy, monkeypatch):
    monkeypatch.setattr(Settings, "update_keys", None)
    assert buoy.offer(buoy.images[1]) == (False, "no keys")
    buoy.slots = None
    assert buoy.new_updates().command({"update": buoy.images[1].manifest}) == (False, "no slots")


def bent(manifest, rng):
    """The manifest with one character of one value changed, or another value in its place."""
    name = rng.choice(list(manifest))
    value = manifest[name]
    if isinstance(value, int):
        return manifest | {name: rng.choice([value + 1, value ^ 1 << rng.randrange(40), -value, 0])}
    at = rng.randrange(len(value))
    other = rng.choice([c for c in "0123456789abcdef." if c != value[at]])
    return manifest | {name: value[:at] + other + value[at + 1 :]}


def hammer(buoy, seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        manifest = bent(buoy.images[2].manifest, rng)
        ok, reason = buoy.updates.command({"update": manifest})
        assert not ok, manifest
        assert reason in ("malformed", "wrong board", "replay", "downgrade", "signature")


def test_no_bent_manifest_is_taken(buoy):
    take(buoy, 1)
    hammer(buoy, 1, 150)


@pytest.mark.parametrize("count", [pytest.param(20_000, marks=LONG)])
def test_no_bent_manifest_of_twenty_thousand_is_taken(buoy, count):
    take(buoy, 1)
    hammer(buoy, 2, count)


# -- pulling


def test_a_pull_goes_on_after_a_restart_where_it_was(buoy):
    big = buoy.images[4] = Image(4, size=8000)
    buoy.offer(big)
    buoy.pull(steps=5)
    buoy.start()
    assert buoy.updates.busy
    begin = len(buoy.reports)
    buoy.pull()
    wants = [r["offset"] for r in buoy.reports[begin:] if r["type"] == "want"]
    assert wants[0] == 4 * 1024  # the last of the five chunks could be torn
    buoy.start()
    assert buoy.release == 4


def test_the_same_offer_again_does_not_begin_anew(buoy):
    buoy.offer(buoy.images[1])
    buoy.pull(steps=1)
    assert buoy.offer(buoy.images[1]) == (True, None)
    buoy.pull()
    assert sum(r.get("offset") == 0 for r in buoy.reports) == 1


def test_late_doubled_foreign_and_oversized_chunks_are_passed_over(buoy):
    image = buoy.images[1]
    buoy.offer(image)
    for release, offset, data in (
        (2, 0, b"x"),
        (1, 1024, b"x"),
        (1, 0, b""),
        (1, 0, bytes(len(image.bundle) + 1)),
    ):
        buoy.updates.chunk(release, offset, data)
    buoy.updates.chunk(1, 0, image.bundle[:1024])
    buoy.updates.chunk(1, 0, image.bundle[:1024])
    buoy.pull()
    buoy.start()
    assert buoy.release == 1


def test_what_is_asked_for_in_vain_is_asked_again_ever_more_rarely(buoy):
    buoy.offer(buoy.images[1])
    asked = []
    buoy.answer = lambda report: asked.append(buoy.board.ms)
    while buoy.board.ms < 200_000:
        buoy.pull(steps=1)
    pauses = [b - a for a, b in itertools.pairwise(asked)]
    expected = [installer.ASK_MS << n for n in range(len(pauses))]
    assert len(pauses) >= 2
    assert all(0 <= p - e < 100 for p, e in zip(pauses, expected, strict=True))


def test_a_bundle_that_is_not_the_signed_one_is_pulled_once_more_and_refused(buoy):
    image = buoy.images[1]
    bent = bytearray(image.bundle)
    bent[500] ^= 1
    image.bundle = bytes(bent)
    buoy.offer(image)
    buoy.pull()
    last = buoy.reports[-1]
    assert (last["state"], last["reason"], buoy.updates.busy) == ("refused", "sha256", False)
    assert sum(r.get("offset") == 0 for r in buoy.reports) == 2
    buoy.start()
    assert (buoy.release, buoy.updates.busy) == (0, False)


@pytest.mark.parametrize(
    ("bundle", "reason"),
    [
        (b"XHB2\x00", "malformed"),
        (b"XHB1", "truncated"),
        (b"XHB1\x0bxunhe_buo", "truncated"),
        (b"XHB1\x0exunhe_buoy/../" + bytes(36), "malformed"),
        (b"XHB1\x05/boot" + bytes(36), "malformed"),
        (b"XHB1\x0cxunhe_buoy/\xff" + bytes(36), "malformed"),
        (b"XHB1\x0cxunhe_buoy/x\x00\x00\x00\x01" + bytes(32), "truncated"),
        (b"XHB1\x0cxunhe_buoy/x\x00\x00\x00\x01" + bytes(33), "flash"),
    ],
)
def test_a_signed_file_that_is_no_good_bundle_is_refused(buoy, bundle, reason, monkeypatch):
    monkeypatch.setattr("xunhe_tools.bench.firmware.update_bed.pack", lambda entries: bundle)
    image = buoy.images[5] = Image(5)
    buoy.offer(image)
    buoy.pull()
    assert (buoy.reports[-1]["state"], buoy.reports[-1].get("reason")) == ("refused", reason)


def test_an_offer_in_its_place_drops_the_one_before(buoy):
    buoy.offer(buoy.images[1])
    buoy.pull(steps=1)
    buoy.offer(buoy.images[2])
    buoy.pull()
    buoy.start()
    assert buoy.release == 2


# -- keys


def rotate(buoy, role, number, new, root=ROOT_SEED, changes=None):
    return buoy.updates.command({"rotate": sign_key(role, number, new, root) | (changes or {})})


NEW, NEWER = bytes(32), bytes([7]) * 32


def test_a_release_key_is_replaced_by_the_root_key(buoy):
    assert rotate(buoy, "release", 1, NEW) == (True, None)
    assert buoy.offer(buoy.images[1]) == (False, "signature")
    assert rotate(buoy, "release", 1, NEWER) == (False, "replay")
    assert rotate(buoy, "release", 2, bytes(range(32))) == (True, None)
    assert buoy.offer(buoy.images[1]) == (True, None)


def test_a_root_key_is_replaced_by_itself_and_the_change_outlives_a_restart(buoy):
    assert rotate(buoy, "root", 1, NEW) == (True, None)
    buoy.start()
    assert rotate(buoy, "release", 2, NEWER) == (False, "signature")
    assert rotate(buoy, "release", 2, NEWER, root=NEW) == (True, None)


def test_a_change_of_keys_that_proves_nothing_is_refused(buoy):
    for changes, reason in (
        ({"signature": "00" * 64}, "signature"),
        ({"proof": "00" * 64}, "signature"),
        ({"key": public_key(NEWER).hex()}, "signature"),
        ({"role": "root"}, "signature"),
        ({"number": 2}, "signature"),
        ({"role": "king"}, "malformed"),
        ({"number": 0}, "malformed"),
        ({"key": "00"}, "malformed"),
    ):
        assert rotate(buoy, "release", 1, NEW, changes=changes) == (False, reason), changes
    own = sign_key("release", 1, NEW, bytes(range(32)))  # the release key cannot do it
    assert buoy.updates.command({"rotate": own}) == (False, "signature")
    small_order = "01" + "00" * 31
    assert rotate(buoy, "release", 1, NEW, changes={"key": small_order}) == (False, "signature")
