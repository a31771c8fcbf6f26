"""A PostgreSQL server of one's own in a folder: for the tests and for a province on one machine.

It listens on a socket in its folder only. PostgreSQL refuses to run as root, so root lends it an
account that may do nothing else.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_DEBIAN = Path("/usr/lib/postgresql")  # <major>/bin, not in PATH
_ACCOUNTS = ("postgres", "nobody")
_OWNER = "xunhe"
_READY_S = 30.0
_POLL_S = 0.05


class ServerError(Exception):
    """The server's programs are missing, or it does not come up; says what it wrote."""


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`, of the newest version; None where there are none."""
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return None if initdb is None else Path(initdb).resolve().parent


@dataclass
class PrivatePostgres:
    """One server. `settings`: lines of its configuration that differ from the default.

    `folder` must be short (a socket's path has 107 bytes at most) and, for root, below folders
    that everybody may enter.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def temporary(cls, **settings: str) -> "PrivatePostgres":
        """One in a new folder of the machine's temporary folder."""
        return cls(Path(tempfile.mkdtemp(prefix="xunhe-pg-")), settings)

    def url(self, name: str = "postgres") -> str:
        """The address of a database of this server."""
        return f"postgresql://{_OWNER}@/{name}?host={self.folder}"

    def start(self) -> None:
        """Make the cluster where there is none, and return once the server answers."""
        found = programs()
        if found is None:
            raise ServerError("没有 PostgreSQL：apt-get install postgresql / no PostgreSQL found")
        if not self._data.exists():
            self._make(found)
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 (Debian's own program)
                [found / "postgres", "-D", self._data, "-k", self.folder],
                stdout=log,
                stderr=log,
                user=_account(),
            )
        self._wait_until_ready(found)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: at once but in order (SIGINT), or as a power cut does (SIGKILL)."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None

    @property
    def is_running(self) -> bool:
        """True while its main process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Of its main process."""
        return None if self._process is None else self._process.pid

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _make(self, found: Path) -> None:
        account = _account()
        self.folder.mkdir(parents=True, exist_ok=True)
        if account is not None:
            shutil.chown(self.folder, account)
        # The C collation: text sorts by code point, as in SQLite.
        how = ["-U", _OWNER, "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
        made = subprocess.run(  # noqa: S603 (Debian's own program)
            [found / "initdb", "-D", self._data, *how],
            capture_output=True,
            user=account,
            check=False,
        )
        if made.returncode:
            raise ServerError(made.stderr.decode(errors="replace"))
        lines = {"listen_addresses": "''", **self.settings}
        with (self._data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = {value}\n" for name, value in lines.items())

    def _wait_until_ready(self, found: Path) -> None:
        deadline = time.monotonic() + _READY_S
        asked: list[str | Path] = [found / "pg_isready", "-q", "-h", self.folder]
        while subprocess.run(asked, check=False).returncode:  # noqa: S603 (as above)
            process = self._process
            if process is None or process.poll() is not None or time.monotonic() > deadline:
                told = (self.folder / "log").read_text(errors="replace")[-2000:]
                raise ServerError(f"PostgreSQL 没有起来 / did not come up: {told}")
            time.sleep(_POLL_S)


def _account() -> str | None:
    """The account to run it under; None: one's own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _ACCOUNTS if name in known), None)
