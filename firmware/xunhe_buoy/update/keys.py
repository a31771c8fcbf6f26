"""The two public keys a buoy trusts, and how they are replaced.

The release key signs releases and lives where releases are built. The root key signs nothing but
key changes and stays in a safe: who steals the release key can be shut out, and cannot shut out.

A change is {"role": "release" | "root", "number", "key", "proof", "signature"}: `signature` by the
root key of before, `proof` by the new key itself, so that nobody rotates to a mistyped one.
`number` grows with every change; an old one is a replay.
"""

import json

from xunhe_boot import files
from xunhe_buoy.checks import ConfigError, hex_bytes, know_all, whole
from xunhe_buoy.update import ed25519, refusal
from xunhe_buoy.update.refusal import RefusedError
from xunhe_buoy.update.statements import key_statement

ROLES = ("root", "release")
_CHANGE = ("role", "number", "key", "proof", "signature")
_MAX_U32 = 0xFFFFFFFF


class Keys:
    """The keys in file `path`; before the first change those of the configuration (32 bytes)."""

    def __init__(self, disk, path, root, release):
        self._disk = disk
        self._path = path
        self.number, self.root, self.release = _parse(files.read(disk, path)) or (0, root, release)

    def change(self, content):
        """Take a signed change of keys; RefusedError where it proves nothing."""
        know_all(content, _CHANGE, "rotate.")
        role, number = content.get("role"), whole(content, "number", 1, _MAX_U32)
        key = hex_bytes(content, "key", 32)
        if role not in ROLES:
            raise ConfigError("rotate.role must be one of %s" % ", ".join(ROLES))
        if number <= self.number:
            raise RefusedError(refusal.R_REPLAY, "change %d, had %d" % (number, self.number))
        words = key_statement(role, number, key)
        for signer, name in ((self.root, "signature"), (key, "proof")):
            if not ed25519.verify(signer, words, hex_bytes(content, name, 64)):
                raise RefusedError(refusal.R_SIGNATURE, "%s is wrong" % name)
        if role == "root":
            self._keep(number, key, self.release)
        else:
            self._keep(number, self.root, key)

    def _keep(self, number, root, release):
        content = {"number": number, "root": root.hex(), "release": release.hex()}
        files.replace(self._disk, self._path, json.dumps(content).encode())
        self.number, self.root, self.release = number, root, release


def _parse(data):
    """(number, root, release) of the file, None where there is none that makes sense."""
    try:
        content = json.loads(data or b"")
        number = whole(content, "number", 1, _MAX_U32)
        return number, hex_bytes(content, "root", 32), hex_bytes(content, "release", 32)
    except ValueError:  # ConfigError is one
        return None
