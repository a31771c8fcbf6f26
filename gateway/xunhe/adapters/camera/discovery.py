"""Which ONVIF cameras are on a network: WS-Discovery 2005/04, a probe by multicast.

ONVIF Core Specification 7.3. Answers come from anybody on the network: they are shown to the
operator, never acted upon.
"""

import socket
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from xunhe.adapters.camera import soap
from xunhe.adapters.camera.soap import NAMES, SoapError

_GROUP = ("239.255.255.250", 3702)
_TO = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
_ACTION = "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"
_SCOPE = "onvif://www.onvif.org/"
_MAX_DATAGRAM = 65_535


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answered. `device_url` is where its ONVIF service is."""

    endpoint: str  # its lasting name, mostly urn:uuid:…
    device_url: str
    name: str
    hardware: str
    location: str


def discover(interface: str, listen_s: float = 3.0, group: tuple[str, int] = _GROUP) -> list[Found]:
    """The cameras that answer on the network of `interface` (this machine's address there).

    Raises OSError where the interface does not exist.
    """
    message_id = f"urn:uuid:{uuid.uuid4()}"
    found: dict[str, Found] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.bind((interface, 0))
        link.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        link.sendto(probe(message_id), group)
        for datagram in _heard(link, listen_s):
            for device in matches(datagram, message_id):
                found.setdefault(device.endpoint, device)
    return sorted(found.values(), key=lambda device: device.device_url)


def probe(message_id: str) -> bytes:
    """The question: which network video transmitters are there?"""
    header = (
        f"<a:MessageID>{message_id}</a:MessageID><a:To>{_TO}</a:To><a:Action>{_ACTION}</a:Action>"
    )
    body = "<d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe>"
    return soap.envelope(body, header)


def matches(datagram: bytes, message_id: str) -> list[Found]:
    """The devices in an answer; none where it is no answer to `message_id`."""
    try:
        root = soap.parse(datagram)
    except SoapError:
        return []
    if soap.text(root, "s:Header/a:RelatesTo") != message_id:
        return []
    return [
        device
        for match in root.iterfind(".//d:ProbeMatch", NAMES)
        if (device := _device(match)) is not None
    ]


def _heard(link: socket.socket, listen_s: float) -> Iterator[bytes]:
    end_s = monotonic() + listen_s
    while (left_s := end_s - monotonic()) > 0:
        link.settimeout(left_s)
        try:
            yield link.recv(_MAX_DATAGRAM)
        except TimeoutError:
            return


def _device(match: Element) -> Found | None:
    urls = [
        u for u in soap.text(match, "d:XAddrs").split() if u.startswith(("http://", "https://"))
    ]
    if not urls:
        return None
    ipv4 = [u for u in urls if "[" not in u]
    scopes = [unquote(s) for s in soap.text(match, "d:Scopes").split() if s.startswith(_SCOPE)]
    endpoint = soap.text(match, "a:EndpointReference/a:Address") or urls[0]
    name, hardware, location = (_scope(scopes, kind) for kind in ("name", "hardware", "location"))
    return Found(endpoint, (ipv4 or urls)[0], name, hardware, location)


def _scope(scopes: list[str], kind: str) -> str:
    prefix = f"{_SCOPE}{kind}/"
    return " ".join(s.removeprefix(prefix) for s in scopes if s.startswith(prefix))
