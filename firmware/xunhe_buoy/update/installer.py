"""One update, from its manifest to the switch: pull, check, unpack beside the running version.

    slots/incoming          the manifest, from its acceptance to the switch
    slots/incoming.bundle   as much of the bundle as has come
    slots/a, slots/b        the spare one is written to

All state is in these files, so power may go at any instant: the next start goes on from them.
"""

import json

from xunhe_boot import files
from xunhe_buoy.update import bundle, refusal
from xunhe_buoy.update.manifest import Manifest
from xunhe_buoy.update.refusal import RefusedError
from xunhe_buoy.update.updates import event

CHUNK = 1024  # bytes; the greatest a frame carries
ASK_MS = 15000  # without an answer the same is asked again, the pause doubling
ASK_MAX_MS = 960000
STEP_MS = 200  # of unpacking at a time, so that readings stay on time
_PULLS = 2  # whole pulls whose digest may be wrong before the release is refused


class Installer:
    """`report` takes a dict for the gateway; `clock` has ticks_ms and ticks_diff."""

    def __init__(self, slots, clock, report, say):
        self._slots = slots
        self._disk = slots.disk
        self._clock = clock
        self._report = report
        self._say = say
        self._path = slots.root + "/incoming"
        self._bundle = self._path + ".bundle"
        self._manifest = None
        self._unpacker = None
        self._have = 0
        self._pulls = 0
        self._asked_ms = None
        self._pause_ms = ASK_MS
        self._resume()

    @property
    def busy(self):
        """There is something to pull or to unpack."""
        return self._manifest is not None

    @property
    def wants(self):
        """{"release", "offset"} of the next chunk, None where none is wanted."""
        if self._manifest is None or self._have >= self._manifest.size:
            return None
        return {"release": self._manifest.release, "offset": self._have}

    def accept(self, content, manifest):
        """Begin, or go on with, a release whose manifest was checked; `content` is it as it came.

        RefusedError where flash is short.
        """
        if self._manifest is not None and self._manifest.statement == manifest.statement:
            return
        self._drop()
        if self._slots.failed == manifest.release:
            self._slots.told()  # who offers it again knows
        spare = self._slots.folder(self._slots.spare)
        files.remove_tree(self._disk, spare)
        files.make_folder(self._disk, spare)
        if self._disk.free_bytes(spare) < 2 * manifest.size + 16 * CHUNK:
            raise RefusedError(refusal.R_ROOM, "%d bytes twice" % manifest.size)
        files.replace(self._disk, self._path, json.dumps(content).encode())
        self._begin(manifest, 0)

    def chunk(self, release, offset, data):
        """Store the piece that was asked for; anything else is late, doubled or not ours."""
        manifest = self._manifest
        if manifest is None or release != manifest.release or offset != self._have:
            return
        if not data or offset + len(data) > manifest.size:
            return
        try:
            self._store(offset, data)
        except OSError:
            self._give_up(refusal.R_FLASH)
            return
        self._have += len(data)
        self._pause_ms = ASK_MS
        self._asked_ms = None
        if self._have < manifest.size:
            self._ask()

    def service(self):
        """Do one small step; True when the new version is complete and the board may restart."""
        if self._manifest is None:
            return False
        if self._have < self._manifest.size:
            self._ask()
            return False
        try:
            return self._unpack()
        except RefusedError as error:
            self._give_up(error.reason)
        except OSError:
            self._give_up(refusal.R_FLASH)
        return False

    # -- pulling

    def _resume(self):
        manifest = _manifest(files.read(self._disk, self._path))
        if manifest is None:
            return
        slots = self._slots
        tried = (slots.failed, slots.release if slots.trial else None)
        if manifest.release <= slots.newest or manifest.release in tried:
            self._drop()
            return
        # What was written last before a power cut may be torn: the last chunk comes again.
        have = min(self._disk.size(self._bundle) or 0, manifest.size)
        self._begin(manifest, max(0, have // CHUNK - 1) * CHUNK)

    def _begin(self, manifest, have):
        self._manifest = manifest
        self._have = have
        self._unpacker = None
        self._asked_ms = None
        self._say("update release=%d from=%d of=%d" % (manifest.release, have, manifest.size))

    def _ask(self):
        if self._asked_ms is not None and self._since(self._asked_ms) < self._pause_ms:
            return
        if self._asked_ms is not None:
            self._pause_ms = min(ASK_MAX_MS, 2 * self._pause_ms)
        self._asked_ms = self._clock.ticks_ms()
        want = self.wants
        want["type"] = "want"
        self._report(want)

    def _store(self, offset, data):
        mode = "wb" if self._disk.size(self._bundle) is None else "r+b"
        file = self._disk.open_file(self._bundle, mode)
        try:
            file.seek(offset)
            file.write(data)
            file.flush()
        finally:
            file.close()

    # -- unpacking

    def _unpack(self):
        """Unpack for STEP_MS; True when that and the switch are done."""
        if self._unpacker is None and not self._begin_unpacking():
            return False
        start = self._clock.ticks_ms()
        while self._unpacker.step():
            if self._since(start) > STEP_MS:
                return False
        release = self._manifest.release
        self._slots.switch(release)
        self._drop()
        self._tell("staged", release)
        return True

    def _begin_unpacking(self):
        """False where the bundle is not the signed one and comes again."""
        if bundle.digest_of(self._disk, self._bundle) != self._manifest.sha256:
            self._pull_again()
            return False
        spare = self._slots.folder(self._slots.spare)
        self._unpacker = bundle.Unpacker(self._disk, self._bundle, spare)
        self._unpacker.begin()
        return True

    def _pull_again(self):
        self._pulls += 1
        if self._pulls >= _PULLS:
            raise RefusedError(refusal.R_DIGEST, "the bundle is not the signed one")
        self._disk.remove(self._bundle)
        self._begin(self._manifest, 0)

    def _give_up(self, reason):
        release = self._manifest.release
        self._drop()
        self._tell("refused", release, reason)

    def _drop(self):
        self._manifest = self._unpacker = None
        self._pulls = 0
        files.remove(self._disk, self._path)
        self._disk.sync()
        files.remove(self._disk, self._bundle)

    def _tell(self, state, release, reason=None):
        self._say("update release=%d %s %s" % (release, state, reason or "-"))
        self._report(event(state, release, reason))

    def _since(self, start):
        return self._clock.ticks_diff(self._clock.ticks_ms(), start)


def _manifest(data):
    """The manifest of that file; None where there is none that makes sense."""
    try:
        return Manifest(json.loads(data or b""))
    except ValueError:  # ConfigError is one
        return None
