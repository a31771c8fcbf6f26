"""A small ONVIF dome camera on loopback: HTTP and WS-Discovery.

Its answers are written after the examples of the ONVIF Core, Media and PTZ specifications and
WS-Discovery 2005/04; its own clock is ahead of everybody's.
"""

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

AHEAD = timedelta(hours=8)  # set to local time where UTC was meant, as many are
USER, PASSWORD = "onvif", "s3cret&<"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    ' xmlns:wsdd="http://schemas.xmlsoap.org/ws/2005/04/discovery"'
    ' xmlns:tt="http://www.onvif.org/ver10/schema"'
    ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    ' xmlns:trt="http://www.onvif.org/ver10/media/wsdl"'
    ' xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"'
    ' xmlns:ter="http://www.onvif.org/ver10/error">'
    "<SOAP-ENV:Header>{header}</SOAP-ENV:Header><SOAP-ENV:Body>{body}</SOAP-ENV:Body>"
    "</SOAP-ENV:Envelope>"
)
_FAULT = (
    "<SOAP-ENV:Fault><SOAP-ENV:Code><SOAP-ENV:Value>SOAP-ENV:Sender</SOAP-ENV:Value>"
    "<SOAP-ENV:Subcode><SOAP-ENV:Value>ter:{code}</SOAP-ENV:Value></SOAP-ENV:Subcode>"
    '</SOAP-ENV:Code><SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">{reason}</SOAP-ENV:Text>'
    "</SOAP-ENV:Reason></SOAP-ENV:Fault>"
)
_PROFILE = (
    '<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
    '<tt:VideoEncoderConfiguration token="e{token}"><tt:Name>e</tt:Name>'
    "<tt:Encoding>{codec}</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width>"
    "<tt:Height>{height}</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></trt:Profiles>"
)


@dataclass
class OnvifDome:
    """What happened to it, and what it is."""

    port: int = 0
    udp_port: int = 0
    went_to: list[tuple[str, str]] = field(default_factory=list)
    profiles: list[tuple[str, str, int, int]] = field(
        default_factory=lambda: [
            ("tiny", "H264", 352, 288),
            ("main", "H265", 2560, 1440),
            ("jpeg", "JPEG", 1280, 720),
            ("sub", "H264", 640, 360),
        ]
    )
    proofs: list[str] = field(default_factory=list)  # every digest that it accepted

    @property
    def device_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/onvif/device_service"

    def answer(self, request: str, now: datetime) -> tuple[int, str]:
        """HTTP status and body's content."""
        action = re.search(r"<s:Body><\w+:(\w+)", request)
        assert action is not None, request
        name = action[1]
        if name == "GetSystemDateAndTime":
            return 200, _date_and_time(now + AHEAD)
        if not self._proves(request, now):
            return 400, _FAULT.format(code="NotAuthorized", reason="Sender not authorized")
        made = {
            "GetCapabilities": self._capabilities,
            "GetProfiles": self._video_profiles,
            "GetStreamUri": self._stream_uri,
            "GetPresets": self._presets,
            "GotoPreset": self._go_to,
        }
        if name not in made:
            return 500, _FAULT.format(code="ActionNotSupported", reason=f"no {name}")
        return made[name](request)

    def _proves(self, request: str, now: datetime) -> bool:
        """WSS UsernameToken Profile 1.0: SHA-1 of nonce, time and password, not older than 5 s."""
        parts = {
            name: found[1]
            for name in ("Username", "Password", "Nonce", "Created")
            if (found := re.search(rf"<\w+:{name}(?: [^>]*)?>([^<]*)<", request))
        }
        if len(parts) < 4 or parts["Username"] != USER:
            return False
        made = datetime.strptime(parts["Created"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        sha1 = hashlib.sha1(base64.b64decode(parts["Nonce"]))
        sha1.update(parts["Created"].encode())
        sha1.update(PASSWORD.encode())
        is_right = parts["Password"] == base64.b64encode(sha1.digest()).decode()
        is_fresh = abs(made - now - AHEAD) < timedelta(seconds=5)
        is_new = parts["Password"] not in self.proofs
        self.proofs.append(parts["Password"])
        return is_right and is_fresh and is_new

    def _capabilities(self, _request: str) -> tuple[int, str]:
        behind = f"http://192.168.1.64:{self.port}/onvif"  # its own name for itself
        return 200, (
            "<tds:GetCapabilitiesResponse><tds:Capabilities>"
            f"<tt:Media><tt:XAddr>{behind}/Media</tt:XAddr></tt:Media>"
            f"<tt:PTZ><tt:XAddr>{behind}/PTZ</tt:XAddr></tt:PTZ>"
            "</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _video_profiles(self, _request: str) -> tuple[int, str]:
        made = "".join(
            _PROFILE.format(token=t, codec=c, width=w, height=h) for t, c, w, h in self.profiles
        )
        return 200, f"<trt:GetProfilesResponse>{made}</trt:GetProfilesResponse>"

    def _stream_uri(self, request: str) -> tuple[int, str]:
        token = _inside(request, "ProfileToken")
        return 200, (
            "<trt:GetStreamUriResponse><trt:MediaUri>"
            f"<tt:Uri>rtsp://192.168.1.64:554/{token}?a=1&amp;b=2</tt:Uri>"
            "</trt:MediaUri></trt:GetStreamUriResponse>"
        )

    def _presets(self, _request: str) -> tuple[int, str]:
        made = "".join(
            f'<tptz:Preset token="{n}"><tt:Name>{name}</tt:Name></tptz:Preset>'
            for n, name in ((1, "排污口"), (2, "桥下"))
        )
        return 200, f"<tptz:GetPresetsResponse>{made}</tptz:GetPresetsResponse>"

    def _go_to(self, request: str) -> tuple[int, str]:
        preset = _inside(request, "PresetToken")
        if preset not in {"1", "2"}:
            return 400, _FAULT.format(code="NoToken", reason="the preset does not exist")
        self.went_to.append((_inside(request, "ProfileToken"), preset))
        return 200, "<tptz:GotoPresetResponse/>"


@contextmanager
def onvif_dome() -> Iterator[OnvifDome]:
    """Run one on free ports of loopback."""
    dome = OnvifDome()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, content = dome.answer(request, datetime.now(UTC))
            body = _ENVELOPE.format(header="", body=content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    dome.port = server.server_address[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        dome.udp_port = udp.getsockname()[1]
        threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}),
            threading.Thread(target=_answer_probes, args=(udp, dome)),
        ]
        for thread in threads:
            thread.start()
        try:
            yield dome
        finally:
            server.shutdown()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", dome.udp_port))
            for thread in threads:
                thread.join()
            server.server_close()


def probe_match(relates_to: str, device_url: str) -> str:
    """The answer to a probe."""
    return _ENVELOPE.format(
        header=f"<wsa:RelatesTo>{relates_to}</wsa:RelatesTo>",
        body=(
            "<wsdd:ProbeMatches><wsdd:ProbeMatch><wsa:EndpointReference>"
            "<wsa:Address>urn:uuid:00000000-0000-1000-8000-0011223344ff</wsa:Address>"
            "</wsa:EndpointReference><wsdd:Types>dn:NetworkVideoTransmitter</wsdd:Types>"
            "<wsdd:Scopes>onvif://www.onvif.org/type/ptz"
            " onvif://www.onvif.org/name/Dome%20East onvif://www.onvif.org/hardware/D-2"
            " onvif://www.onvif.org/location/%E6%A1%A5</wsdd:Scopes>"
            f"<wsdd:XAddrs>http://[fe80::1]/onvif/device_service {device_url}</wsdd:XAddrs>"
            "<wsdd:MetadataVersion>1</wsdd:MetadataVersion>"
            "</wsdd:ProbeMatch></wsdd:ProbeMatches>"
        ),
    )


def _answer_probes(udp: socket.socket, dome: OnvifDome) -> None:
    while probe := udp.recvfrom(65_535):
        if not probe[0]:
            return
        request = probe[0].decode()
        answer = probe_match(_inside(request, "MessageID"), dome.device_url).encode()
        udp.sendto(b"not xml at all", probe[1])
        udp.sendto(
            answer.replace(b"urn:uuid:0000", b"urn:uuid:ffff").replace(
                _inside(request, "MessageID").encode(), b"urn:uuid:of-another-probe"
            ),
            probe[1],
        )
        udp.sendto(answer, probe[1])
        udp.sendto(answer, probe[1])  # cameras repeat themselves


def _inside(request: str, name: str) -> str:
    found = re.search(rf"<\w+:{name}[^>]*>([^<]*)<", request)
    assert found is not None, request
    return found[1]


def _date_and_time(at: datetime) -> str:
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
        "<tt:DateTimeType>Manual</tt:DateTimeType><tt:UTCDateTime>"
        f"<tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
        f"<tt:Second>{at.second}</tt:Second></tt:Time>"
        f"<tt:Date><tt:Year>{at.year}</tt:Year><tt:Month>{at.month}</tt:Month>"
        f"<tt:Day>{at.day}</tt:Day></tt:Date>"
        "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )
