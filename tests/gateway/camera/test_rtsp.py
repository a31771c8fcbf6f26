"""RTSP against a real server, GStreamer's: both codecs, both ways to sign in, killed, stopped."""

import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.mosquitto import free_port
from tests.gateway.camera.conftest import CODECS, watch
from xunhe.adapters.camera.trouble import Trouble
from xunhe.settings import VisionSettings

Films = Callable[[str, str], Path]
_PYTHON = "/usr/bin/python3"  # Debian's own has gi
_SERVER = Path(__file__).parents[2] / "fakes/rtsp_server.py"
_IMPORT = "import gi; gi.require_version('GstRtspServer', '1.0')"
PATIENT = VisionSettings(stalled_after_s=10, gate_width_px=160)


def need_gstreamer() -> None:
    """Skip the test where there is none."""
    if (
        not Path(_PYTHON).exists()
        or subprocess.run([_PYTHON, "-c", _IMPORT], check=False, capture_output=True).returncode
    ):
        pytest.skip("no GStreamer RTSP server: run `make debian-packages`")


@pytest.fixture(scope="module", autouse=True)
def _gstreamer() -> None:
    need_gstreamer()


@contextmanager
def rtsp(film: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server's process and its address; killed in the end."""
    codec = film.name.split(".")[0]
    command = [_PYTHON, str(_SERVER), str(film), "--codec", codec, *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield process, f"127.0.0.1:{process.stdout.readline().strip()}/river"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("codec", CODECS)
def test_a_camera_is_watched_to_the_end_of_its_stream(films: Films, codec: str) -> None:
    with rtsp(films(codec, "mp4"), "--sets-in-band") as (_, place):
        seen = watch(f"rtsp://{place}", settings=PATIENT)
    assert len(seen.times_s) >= 73
    assert seen.times_s[-1] - seen.times_s[0] == pytest.approx(2.9, abs=0.5)
    assert seen.counts.damaged == 0
    assert seen.error is not None
    assert seen.error.kind is Trouble.ENDED


@pytest.mark.parametrize("method", ["basic", "digest"])
def test_a_camera_wants_its_password(films: Films, method: str) -> None:
    login = ("--auth", method, "--user", "viewer", "--password", "a@b#c")
    with rtsp(films("h264", "mp4"), *login) as (_, place):
        seen = watch(f"rtsp://viewer:a@b#c@{place}", lambda: False, lambda _seen: True, PATIENT)
        wrong = watch(f"rtsp://viewer:hunter2@{place}", settings=PATIENT)
        none = watch(f"rtsp://{place}", settings=PATIENT)
    assert len(seen.times_s) == 1
    for refused in (wrong, none):
        assert refused.error is not None
        assert refused.error.kind is Trouble.WRONG_PASSWORD
        assert "hunter2" not in str(refused.error)


@pytest.mark.parametrize("says", [b"", b"HTTP/1.1 200 OK\r\n\r\n<html>", None])
def test_what_listens_there_but_is_no_camera_is_not_reached(says: bytes | None) -> None:
    """It hangs up, speaks something else, or says nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            client, _ = listening.accept()
            with client:
                client.recv(100)
                client.sendall(says or b"")
                if says is None:
                    client.recv(10_000)

        thread = threading.Thread(target=answer)
        thread.start()
        settings = VisionSettings(stalled_after_s=1)
        seen = watch(f"rtsp://127.0.0.1:{listening.getsockname()[1]}/x", settings=settings)
        thread.join()
    assert seen.error is not None
    assert seen.error.kind is Trouble.UNREACHABLE


def test_a_path_that_the_camera_does_not_have_is_not_found(films: Films) -> None:
    with rtsp(films("h264", "mp4")) as (_, place):
        seen = watch(f"rtsp://{place}/nothing", settings=PATIENT)
    assert seen.error is not None
    assert seen.error.kind is Trouble.NOT_FOUND


def test_a_camera_that_dies_and_comes_back_is_watched_again(films: Films) -> None:
    port = str(free_port())
    with rtsp(films("h264", "mp4"), "--port", port) as (process, place):

        def kill_in_the_middle(seen: object) -> bool:
            process.kill()
            return False

        died = watch(f"rtsp://{place}", until=kill_in_the_middle, settings=PATIENT)
        process.wait()
        gone = watch(f"rtsp://{place}", settings=PATIENT)
    with rtsp(films("h265", "mp4"), "--port", port) as (_, place):
        back = watch(f"rtsp://{place}", until=lambda seen: True, settings=PATIENT)
    assert 0 < len(died.times_s) < 75
    assert died.error is not None
    assert died.error.kind is Trouble.ENDED
    assert gone.error is not None
    assert gone.error.kind is Trouble.REFUSED
    assert len(back.times_s) == 1


def test_a_camera_that_freezes_has_stalled(films: Films) -> None:
    with rtsp(films("h264", "mp4")) as (process, place):

        def freeze(seen: object) -> bool:
            process.send_signal(signal.SIGSTOP)
            return False

        seen = watch(f"rtsp://{place}", until=freeze, settings=VisionSettings(stalled_after_s=3))
    assert 0 < len(seen.times_s) < 75
    assert seen.error is not None
    assert seen.error.kind is Trouble.STALLED
