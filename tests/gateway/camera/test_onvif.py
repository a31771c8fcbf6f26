"""ONVIF: finding cameras, their streams and presets, signing in."""

import base64
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from tests.fakes.mosquitto import free_port
from tests.fakes.onvif_camera import PASSWORD, USER, OnvifDome, onvif_dome, probe_match
from xunhe.adapters.camera import soap
from xunhe.adapters.camera.discovery import discover, matches, probe
from xunhe.adapters.camera.onvif import OnvifCamera, Preset
from xunhe.adapters.camera.soap import Login, SoapError
from xunhe.adapters.camera.trouble import SourceError, Trouble


@pytest.fixture
def dome() -> Iterator[OnvifDome]:
    with onvif_dome() as running:
        yield running


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5, trust_env=False) as client:
        yield client


def camera(device_url: str, http: httpx.Client, password: str = PASSWORD) -> OnvifCamera:
    login = Login(USER, password)
    return OnvifCamera(device_url, login, http, lambda: datetime.now(UTC), lambda: os.urandom(16))


def test_the_digest_is_that_of_the_onvif_programmers_guide() -> None:
    # ONVIF Application Programmer's Guide 1.0, 6.1.1.3
    nonce = base64.b64decode("LKqI6G/AikKCQrN0zqZFlg==")
    assert (
        soap.digest(nonce, "2010-09-16T07:50:45Z", "userpassword") == "tuOSpGlFlIXsozq4HFNeeGeFLEI="
    )


def test_the_streams_are_found_and_the_smallest_useful_one_is_decoded(
    dome: OnvifDome, http: httpx.Client
) -> None:
    """Its clock is eight hours ahead: the proof of the password must be dated in its time."""
    found = camera(dome.device_url, http)
    assert [p.token for p in found.profiles()] == ["main", "jpeg", "sub", "tiny"]
    address = found.address()
    login = "onvif:s3cret%26%3C"
    assert address.main.url == f"rtsp://{login}@127.0.0.1:554/main?a=1&b=2"
    assert address.decoded.url == f"rtsp://{login}@127.0.0.1:554/sub?a=1&b=2"
    assert "s3cret" not in repr(address)


def test_a_dome_tells_its_presets_and_turns_to_one(dome: OnvifDome, http: httpx.Client) -> None:
    found = camera(dome.device_url, http)
    assert found.presets("main") == [Preset("1", "排污口"), Preset("2", "桥下")]
    found.go_to("main", "2")
    assert dome.went_to == [("main", "2")]


def test_a_preset_that_does_not_exist_is_said(dome: OnvifDome, http: httpx.Client) -> None:
    with pytest.raises(SourceError, match="the preset does not exist"):
        camera(dome.device_url, http).go_to("main", "9")


def test_a_wrong_password_is_named_and_not_shown(dome: OnvifDome, http: httpx.Client) -> None:
    with pytest.raises(SourceError) as refused:
        camera(dome.device_url, http, password="hunter2").profiles()
    assert refused.value.kind is Trouble.WRONG_PASSWORD
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(Login(USER, "hunter2"))


def test_a_camera_without_h264_or_h265_is_unsupported(dome: OnvifDome, http: httpx.Client) -> None:
    dome.profiles = [("jpeg", "JPEG", 1280, 720)]
    with pytest.raises(SourceError) as refused:
        camera(dome.device_url, http).address()
    assert refused.value.kind is Trouble.UNSUPPORTED


def test_a_device_that_is_gone_is_unreachable(http: httpx.Client) -> None:
    url = f"http://127.0.0.1:{free_port()}/onvif/device_service"
    with pytest.raises(SourceError) as gone:
        camera(url, http).profiles()
    assert gone.value.kind is Trouble.UNREACHABLE


def test_a_device_that_speaks_no_soap_is_unsupported() -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=b"welcome"))
    with httpx.Client(transport=transport) as http, pytest.raises(SourceError) as refused:
        camera("http://10.0.0.8/onvif/device_service", http).profiles()
    assert refused.value.kind is Trouble.UNSUPPORTED


@pytest.mark.parametrize(
    "answer",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        b'<!DOCTYPE x SYSTEM "http://10.0.0.1/x.dtd"><x/>',
        b"<x>&undeclared;</x>",
        b"<x><y></x>",
        b"",
        b"\xff\xfe\x00",
        b"<x>" + b" " * soap.MAX_BYTES + b"</x>",
    ],
)
def test_an_answer_with_a_dtd_or_without_xml_is_refused(answer: bytes) -> None:
    with pytest.raises(SoapError):
        soap.parse(answer)


def test_a_camera_on_the_network_is_found_once(dome: OnvifDome) -> None:
    found = discover("127.0.0.1", listen_s=0.5, group=("127.0.0.1", dome.udp_port))
    assert [(f.name, f.hardware, f.location) for f in found] == [("Dome East", "D-2", "桥")]
    assert found[0].device_url == dome.device_url
    assert found[0].endpoint == "urn:uuid:00000000-0000-1000-8000-0011223344ff"


def test_only_answers_to_our_own_question_count() -> None:
    answer = probe_match("urn:uuid:1", "http://10.0.0.8/onvif/device_service").encode()
    assert len(matches(answer, "urn:uuid:1")) == 1
    assert matches(answer, "urn:uuid:2") == []
    assert matches(probe_match("urn:uuid:1", "ftp://10.0.0.8/").encode(), "urn:uuid:1") != []
    assert matches(b"\x00\x01garbage", "urn:uuid:1") == []


def test_a_probe_asks_for_video_transmitters() -> None:
    root = soap.parse(probe("urn:uuid:1"))
    assert soap.text(root, ".//d:Types") == "dn:NetworkVideoTransmitter"
    assert soap.text(root, "s:Header/a:MessageID") == "urn:uuid:1"
