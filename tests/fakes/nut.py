"""NUT servers for tests: Debian's own upsd with its dummy driver, and one that answers as told."""

import os
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.fakes.mosquitto import free_port, wait_for

UPSD = shutil.which("upsd", path="/lib/nut")  # the one in /sbin asks /etc/nut first
_DRIVERS = Path("/lib/nut")


@contextmanager
def answering(answers: Mapping[str, bytes]) -> Iterator[int]:
    """A server on loopback that gives each question its bytes, unknown ones an error; its port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            for line in self.rfile:
                question = line.decode().strip()
                self.wfile.write(answers.get(question, b"ERR UNKNOWN-COMMAND\n"))
                if question == "LOGOUT":
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class RealNut:
    """Debian's upsd and dummy-ups in a folder; `say` changes what the supply reports."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._environment = {
            **os.environ,
            "NUT_CONFPATH": str(folder),
            "NUT_STATEPATH": str(folder),
        }
        folder.chmod(0o750)
        (folder / "nut.conf").write_text("MODE=standalone\n")
        (folder / "ups.conf").write_text(
            "[ups]\n driver = dummy-ups\n port = ups.dev\n mode = dummy-once\n pollinterval = 1\n"
        )
        (folder / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {self.port}\n")
        (folder / "upsd.users").write_text("")
        self.say("OL", 100)

    def say(self, status: str, charge: float) -> None:
        text = f"ups.status: {status}\nbattery.charge: {charge}\n"
        (self._folder / "ups.dev").write_text(text)

    @contextmanager
    def running(self) -> Iterator[None]:
        driver = self._start(str(_DRIVERS / "dummy-ups"), "-a", "ups", "-F", "-u", "root")
        _wait_for(self._folder / "dummy-ups-ups")
        server = self._start(str(UPSD), "-F", "-u", "root")
        try:
            wait_for(self.port)
            yield
        finally:
            for process in (server, driver):
                process.terminate()
                process.wait(10)

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _wait_for(path: Path) -> None:
    pause = threading.Event()
    for _ in range(250):
        if path.exists():
            return
        pause.wait(0.02)
    raise TimeoutError(f"{path} does not appear")
