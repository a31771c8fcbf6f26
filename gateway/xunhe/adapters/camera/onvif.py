"""What an ONVIF camera says of itself: its streams and presets; and turning it to a preset.

ONVIF Core, Media (ver10) and PTZ (ver20) service specifications. Six requests of some hundred: a
library for all of them would bring a WSDL engine or 17,000 lines.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit, urlunsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

import httpx

from xunhe.adapters.camera import soap
from xunhe.adapters.camera.address import Address
from xunhe.adapters.camera.soap import NAMES, Login, SoapError
from xunhe.adapters.camera.trouble import SourceError, Trouble

_DECODED_WIDTH_PX = 640  # the smallest stream that shows litter
_SECRET_FAULTS = ("NotAuthorized", "FailedAuthentication", "InvalidSecurity")


@dataclass(frozen=True, slots=True)
class Profile:
    """One stream that the camera offers."""

    token: str
    name: str
    codec: str  # H264, H265, JPEG …
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Preset:
    """A direction that was stored in a dome camera."""

    token: str
    name: str


class OnvifCamera:
    """A client of one device. Every failure is a SourceError.

    `device_url` as found by discovery. `now` is the gateway's time; the device's own may differ,
    and proofs of the password are dated in the device's. `nonce` gives 16 random bytes.
    """

    def __init__(
        self,
        device_url: str,
        login: Login,
        http: httpx.Client,
        now: Callable[[], datetime],
        nonce: Callable[[], bytes],
    ) -> None:
        self._device_url = device_url
        self._login = login
        self._http = http
        self._now = now
        self._nonce = nonce
        self._ahead: timedelta | None = None
        self._services: dict[str, str] | None = None

    def profiles(self) -> list[Profile]:
        """The video streams, largest first."""
        answer = self._ask(self._service("Media"), "trt:GetProfiles")
        found = [_profile(p) for p in answer.iterfind(".//trt:Profiles", NAMES)]
        return sorted(
            (p for p in found if p.width_px), key=lambda p: p.width_px * p.height_px, reverse=True
        )

    def stream_url(self, profile: str) -> str:
        """RTSP address of a profile, without login."""
        setup = (
            "<trt:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport>"
            "<tt:Protocol>RTSP</tt:Protocol></tt:Transport></trt:StreamSetup>"
            f"<trt:ProfileToken>{escape(profile)}</trt:ProfileToken>"
        )
        answer = self._ask(self._service("Media"), "trt:GetStreamUri", setup)
        url = soap.text(answer, ".//tt:Uri")
        if not url:
            raise SourceError(Trouble.NOT_FOUND, f"no stream for the profile {profile}")
        return self._reachable(url)

    def address(self) -> Address:
        """Main stream, and the smallest one that is still large enough to be decoded."""
        profiles = [p for p in self.profiles() if p.codec in {"H264", "H265"}]
        if not profiles:
            raise SourceError(Trouble.UNSUPPORTED, "the camera offers neither H.264 nor H.265")
        main = profiles[0]
        small = [p for p in profiles[1:] if _DECODED_WIDTH_PX <= p.width_px < main.width_px]
        sub = self._with_login(self.stream_url(small[-1].token)) if small else None
        return Address.parse(self._with_login(self.stream_url(main.token)), sub)

    def presets(self, profile: str) -> list[Preset]:
        """The presets of a dome camera; none where it does not move."""
        if "PTZ" not in self._known_services():
            return []
        body = f"<tptz:ProfileToken>{escape(profile)}</tptz:ProfileToken>"
        answer = self._ask(self._service("PTZ"), "tptz:GetPresets", body)
        return [
            Preset(p.get("token", ""), soap.text(p, "tt:Name"))
            for p in answer.iterfind(".//tptz:Preset", NAMES)
        ]

    def go_to(self, profile: str, preset: str) -> None:
        """Turn to a preset; returns when the camera has understood, before it has moved."""
        body = (
            f"<tptz:ProfileToken>{escape(profile)}</tptz:ProfileToken>"
            f"<tptz:PresetToken>{escape(preset)}</tptz:PresetToken>"
        )
        self._ask(self._service("PTZ"), "tptz:GotoPreset", body)

    def _service(self, name: str) -> str:
        services = self._known_services()
        if name not in services:
            raise SourceError(Trouble.UNSUPPORTED, f"the camera has no {name} service")
        return services[name]

    def _known_services(self) -> dict[str, str]:
        if self._services is None:
            body = "<tds:Category>All</tds:Category>"
            answer = self._ask(self._device_url, "tds:GetCapabilities", body)
            self._services = {
                name: self._reachable(url)
                for name in ("Media", "PTZ")
                if (url := soap.text(answer, f".//tt:{name}/tt:XAddr"))
            }
        return self._services

    def _ask(self, url: str, action: str, body: str = "") -> Element:
        if self._ahead is None:
            self._ahead = self._clock_difference()
        header = soap.security(self._login, self._nonce(), self._now() + self._ahead)
        return self._post(url, action, body, header)

    def _clock_difference(self) -> timedelta:
        """The device's time less ours. It is asked without a proof (ONVIF Core 5.9.3)."""
        answer = self._post(self._device_url, "tds:GetSystemDateAndTime", "", "")
        utc = answer.find(".//tt:UTCDateTime", NAMES)
        if utc is None:
            return timedelta(0)
        try:
            return _instant(utc) - self._now()
        except ValueError:
            return timedelta(0)

    def _post(self, url: str, action: str, body: str, header: str) -> Element:
        prefix, name = action.split(":")
        kind = f"application/soap+xml; charset=utf-8; action={quoteattr(f'{NAMES[prefix]}/{name}')}"
        content = soap.envelope(f"<{action}>{body}</{action}>", header)
        # Some devices want HTTP's own digest beside; httpx answers only where it is asked for.
        auth = httpx.DigestAuth(self._login.user, self._login.password)
        try:
            reply = self._http.post(url, content=content, headers={"Content-Type": kind}, auth=auth)
            answer = soap.parse(reply.content)
        except httpx.TransportError as error:
            raise SourceError(Trouble.UNREACHABLE, type(error).__name__) from None
        except SoapError as error:
            kind_of = Trouble.WRONG_PASSWORD if reply.status_code == 401 else Trouble.UNSUPPORTED
            raise SourceError(kind_of, f"{name}: {error}") from error
        _check_fault(answer, name)
        return answer

    def _reachable(self, url: str) -> str:
        """With the host that we reached it by: behind a router a camera names its own."""
        host = urlsplit(self._device_url).hostname or ""
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        shown = f"[{host}]" if ":" in host else host
        return urlunsplit(parts._replace(netloc=f"{shown}{port}"))

    def _with_login(self, url: str) -> str:
        user, password = (quote(t, safe="") for t in (self._login.user, self._login.password))
        scheme, _, rest = url.partition("://")
        return f"{scheme}://{user}:{password}@{rest}"


def _instant(utc: Element) -> datetime:
    """A tt:DateTime. ValueError where it is none."""
    year, month, day = (int(soap.text(utc, f"tt:Date/tt:{n}")) for n in ("Year", "Month", "Day"))
    hour, minute, second = (
        int(soap.text(utc, f"tt:Time/tt:{n}")) for n in ("Hour", "Minute", "Second")
    )
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def _profile(element: Element) -> Profile:
    encoder = element.find("tt:VideoEncoderConfiguration", NAMES)
    codec = "" if encoder is None else soap.text(encoder, "tt:Encoding").upper()
    size = [
        "" if encoder is None else soap.text(encoder, f"tt:Resolution/tt:{side}")
        for side in ("Width", "Height")
    ]
    width_px, height_px = (int(text) if text.isdecimal() else 0 for text in size)
    name = soap.text(element, "tt:Name")
    return Profile(element.get("token", ""), name, codec, width_px, height_px)


def _check_fault(answer: Element, name: str) -> None:
    fault = answer.find(".//s:Fault", NAMES)
    if fault is None:
        return
    codes = " ".join((value.text or "") for value in fault.iterfind(".//s:Value", NAMES))
    reason = soap.text(fault, "s:Reason/s:Text")[:200]
    is_secret = any(word in codes for word in _SECRET_FAULTS)
    kind = Trouble.WRONG_PASSWORD if is_secret else Trouble.UNSUPPORTED
    raise SourceError(kind, f"{name}: {reason or codes.strip()}")
