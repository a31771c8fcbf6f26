"""Decides on what the gateway or a technician sends: a release, or a change of keys.

Cheap checks come before the signature, and nothing is written before both.
"""

from xunhe_buoy import status
from xunhe_buoy.checks import ConfigError
from xunhe_buoy.update import ed25519, refusal
from xunhe_buoy.update.keys import Keys
from xunhe_buoy.update.manifest import Manifest
from xunhe_buoy.update.refusal import RefusedError


class Offers:
    """`trusted` are the configuration's keys, (root, release), or None."""

    def __init__(self, slots, board_name, trusted, say):
        self._slots = slots
        self._board_name = board_name
        self._trusted = trusted
        self._say = say

    def take(self, content, accept):
        """(True, None) or (False, reason) for {"update": manifest} or {"rotate": change}.

        `accept(manifest as it came, Manifest)` begins the update; None while another is on trial.
        """
        try:
            self._take(content, accept)
        except RefusedError as error:
            return self._refused(error.reason, error)
        except ConfigError as error:
            return self._refused(refusal.R_MALFORMED, error)
        except OSError as error:
            return self._refused(refusal.R_FLASH, error)
        return True, None

    def _take(self, content, accept):
        if self._slots is None:
            raise RefusedError(refusal.R_NO_SLOTS, "this start has no slots")
        if self._trusted is None:
            raise RefusedError(refusal.R_NO_KEYS, "the configuration has no section update")
        keys = Keys(self._slots.disk, self._slots.root + "/keys", *self._trusted)
        if "rotate" in content:
            keys.change(content["rotate"])
            return
        manifest = Manifest(content["update"])
        if accept is None:
            raise RefusedError(refusal.R_BUSY, "the release before is on trial")
        manifest.check(self._board_name, status.FIRMWARE, self._slots.newest)
        if not ed25519.verify(keys.release, manifest.statement, manifest.signature):
            raise RefusedError(refusal.R_SIGNATURE, "not signed with the release key")
        accept(content["update"], manifest)

    def _refused(self, reason, error):
        self._say("update refused %s: %s" % (reason, error))
        return False, reason
