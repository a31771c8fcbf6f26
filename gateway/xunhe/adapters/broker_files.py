"""The files by which mosquitto 2 knows the same rights: configuration, passwords, topics.

They lie in one folder, which belongs to the user who runs both the gateway and mosquitto; the
gateway writes them anew at every enrolment and revocation and has mosquitto read them again.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from xunhe.adapters.broker_rights import Account, Rights
from xunhe.adapters.https import authority

CONFIGURATION, PASSWORDS, TOPICS = "mosquitto.conf", "passwords", "topics"
PROCESS = "mosquitto.pid"
_MOST_BYTES = 1 << 18  # of a packet: the same as at the embedded broker's gate


def configuration(folder: Path, port: int) -> str:
    """mosquitto.conf: one listener, TLS 1.2 or newer, nobody without a name."""
    folder = folder.resolve()
    lines = (
        "# 由 xunhe broker configure 写成 / written by `xunhe broker configure`",
        f"listener {port}",
        f"certfile {folder / authority.SERVER}",
        f"keyfile {folder / authority.SERVER_KEY}",
        "tls_version tlsv1.2",  # or newer
        "allow_anonymous false",
        f"password_file {folder / PASSWORDS}",
        f"acl_file {folder / TOPICS}",
        # Else whoever has an account could take another's session by naming its id.
        "use_username_as_clientid true",
        f"max_packet_size {_MOST_BYTES}",
        f"pid_file {folder / PROCESS}",
        f"user {folder.owner()}",  # counts where root starts it
    )
    return "\n".join(lines) + "\n"


def passwords(rights: Rights) -> str:
    """The password file."""
    return "".join(f"{a.name}:{a.password_hash}\n" for a in rights.accounts.values())


def topics(rights: Rights) -> str:
    """The topic file: what a name may send and hear; nothing goes without a name."""
    return "\n".join(line for a in rights.accounts.values() for line in _topics_of(a)) + "\n"


def write(folder: Path, rights: Rights) -> None:
    """Both files of rights, each whole or not at all, readable by their owner only."""
    for name, text in ((PASSWORDS, passwords(rights)), (TOPICS, topics(rights))):
        authority.write_whole(folder / name, text.encode(), 0o600)


def have_read_again(folder: Path) -> bool:
    """Tell the mosquitto of this folder to read its files; False where none runs.

    It then sends away whoever is no longer known by the password he came with.
    """
    with suppress(OSError, ValueError):
        process = int((folder / PROCESS).read_text())
        if Path(f"/proc/{process}/comm").read_text().strip() == "mosquitto":
            os.kill(process, signal.SIGHUP)
            return True
    return False


def _topics_of(account: Account) -> Iterator[str]:
    yield f"user {account.name}"
    yield from (f"topic write {topic}" for topic in account.sends)
    yield from (f"topic read {topic}" for topic in account.hears)
