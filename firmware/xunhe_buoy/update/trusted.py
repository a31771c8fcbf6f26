"""Section "update" of the configuration: the public keys a buoy is delivered with."""

from xunhe_buoy.checks import hex_bytes, know_all

_KEYS = ("root_key", "release_key")


def update_keys(section):
    """(root, release), 32 bytes each; None without the section: such a buoy takes no update."""
    if section is None:
        return None
    know_all(section, _KEYS, "update.")
    return tuple(hex_bytes(section, key, 32) for key in _KEYS)
