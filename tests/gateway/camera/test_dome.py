"""A dome camera and its views: turned by ONVIF, one view at a time, refusals told."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest

from tests.fakes.onvif_camera import PASSWORD, USER, OnvifDome, onvif_dome
from tests.gateway.river_cameras import CAMERAS
from xunhe.adapters.camera.dome import Dome, onvif_turning
from xunhe.domain.camera import Turn

_LONG_S = 30.0


@pytest.fixture
def device() -> Iterator[OnvifDome]:
    with onvif_dome() as running:
        yield running


@pytest.fixture
def dome(device: OnvifDome) -> Iterator[Dome]:
    made = Dome(onvif_turning(address(device)))
    yield made
    made.stop()


def address(device: OnvifDome) -> str:
    return device.device_url.replace("://", f"://{USER}:{quote(PASSWORD, safe='')}@")


def joined(dome: Dome, *presets: str) -> None:
    for camera, preset in zip(CAMERAS, presets, strict=False):
        dome.join(replace(camera, turn=Turn("http://", preset, dwell_s=30, longest_s=90)))


def stepped(dome: Dome, steady_s: float, holds: Callable[[], bool]) -> None:
    """Step at one and the same instant until the camera has answered."""
    until_s = time.monotonic() + _LONG_S
    while not holds():
        assert time.monotonic() < until_s, "the camera never answered"
        dome.step(steady_s, is_busy=False)
        time.sleep(0.005)


def test_its_views_take_turns_and_each_is_seen_only_when_the_camera_stands_still(
    device: OnvifDome, dome: Dome
) -> None:
    joined(dome, "1", "2")
    stepped(dome, 0, lambda: dome.shows("YX-C1", 6))
    assert device.went_to == [("main", "1")]
    assert not dome.shows("YX-C1", 5.9)
    assert not dome.shows("YX-C2", 6)
    dome.step(36, is_busy=True)
    assert dome.shows("YX-C1", 36)
    stepped(dome, 36, lambda: dome.shows("YX-C2", 42))
    assert device.went_to == [("main", "1"), ("main", "2")]
    assert not dome.shows("YX-C1", 42)


def test_a_preset_that_the_camera_does_not_know_is_told_and_left_out(
    device: OnvifDome, dome: Dome
) -> None:
    joined(dome, "9", "2")
    stepped(dome, 0, lambda: dome.refusal("YX-C1") is not None)
    refusal = dome.refusal("YX-C1")
    assert refusal is not None
    assert refusal.state == "not_turned"
    assert "the preset does not exist" in refusal.detail_en
    assert dome.refused_s("YX-C1", 25) == 25
    at_s = 10.0
    while not dome.shows("YX-C2", at_s):
        assert at_s < 4000, "the other view never had its turn"
        dome.step(at_s, is_busy=False)
        time.sleep(0.005)
        at_s += 1
    assert dome.refusal("YX-C2") is None
    assert device.went_to == [("main", "2")]


def test_a_view_that_joins_or_leaves_changes_the_tour(device: OnvifDome, dome: Dome) -> None:
    joined(dome, "1", "2")
    stepped(dome, 0, lambda: dome.shows("YX-C1", 6))
    dome.leave("YX-C1")
    assert dome.views == {"YX-C2"}
    stepped(dome, 7, lambda: dome.shows("YX-C2", 13))
    dome.step(500, is_busy=False)
    assert dome.shows("YX-C2", 500)  # the only one: it stays


def test_a_camera_without_a_turn_is_no_view(dome: Dome) -> None:
    with pytest.raises(ValueError, match="is no view of a dome camera"):
        dome.join(CAMERAS[0])
