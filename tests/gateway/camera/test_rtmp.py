"""RTMP, as cameras with a cloud send it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.mosquitto import free_port
from tests.fakes.rtmp_server import rtmp_server
from tests.gateway.camera.conftest import CODECS, watch
from xunhe.adapters.camera.trouble import Trouble


@pytest.mark.parametrize("codec", CODECS)
def test_a_stream_is_watched_to_its_end(films: Callable[[str, str], Path], codec: str) -> None:
    with rtmp_server(films(codec, "flv").read_bytes()) as url:
        seen = watch(url)
    assert len(seen.times_s) >= 70
    assert seen.counts.damaged == 0
    assert seen.error is not None
    assert seen.error.kind is Trouble.ENDED


def test_a_server_that_is_gone_refuses() -> None:
    seen = watch(f"rtmp://127.0.0.1:{free_port()}/live/river")
    assert seen.error is not None
    assert seen.error.kind is Trouble.REFUSED
