"""Where a camera is: its main stream and perhaps a smaller one, which is the one that is decoded.

What goes into logs and pages is `shown`, without password or token; `url` is for FFmpeg alone.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from urllib.parse import quote

_HIDDEN = "***"
# Some cameras have the password in the path, some platforms a token in the query.
_SECRET = re.compile(r"(?i)((?:pass|pwd|token|secret|key|sign|auth)[^=/&?#]*=)[^&/?#]+")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_LOOSE_LOGIN = re.compile(r"([^@/:]*:(?!\d+/).*)@([^@/?#]+(?:[/?#][^@]*)?)", re.DOTALL)
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# A stream must not make FFmpeg open files, nor a recording open addresses.
_FILE_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,h264,hevc"
_NET_FORMATS = f"{_FILE_FORMATS},live_flv,hls,mjpeg,mpjpeg"


class AddressError(ValueError):
    """An address that names no camera; the message holds no password."""


class Way(StrEnum):
    """How the video comes."""

    RTSP = "rtsp"
    RTMP = "rtmp"
    HTTP = "http"  # FLV, HLS or a transport stream
    FILE = "file"  # a recording, or a folder of recordings
    USB = "usb"


_WAYS = {
    **dict.fromkeys(("rtsp", "rtsps"), Way.RTSP),
    **dict.fromkeys(("rtmp", "rtmps"), Way.RTMP),
    **dict.fromkeys(("http", "https"), Way.HTTP),
    "file": Way.FILE,
    **dict.fromkeys(("usb", "v4l2"), Way.USB),
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One stream. `url` is as FFmpeg wants it, secrets included."""

    way: Way
    url: str = field(repr=False)
    shown: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """From an operator's entry. AddressError says what is expected."""
        text = text.strip()
        if not text:
            raise AddressError("地址是空的 / the address is empty")
        found = _SCHEME.fullmatch(text)
        if found is None:
            way = Way.USB if text.startswith("/dev/") else Way.FILE
            return cls(way, text, text)
        scheme, rest = found[1].lower(), found[2]
        if scheme not in _WAYS:
            known = ", ".join(_WAYS)
            raise AddressError(f"不认识的协议 / unknown scheme {scheme!r}; known: {known}")
        if _WAYS[scheme] in {Way.FILE, Way.USB}:
            return cls(_WAYS[scheme], rest, rest)
        login, place = _split(rest)
        if not place.strip("/"):
            raise AddressError(f"地址没有主机 / no host in the address {scheme}://{place}")
        masked = _SECRET.sub(rf"\1{_HIDDEN}", place)
        return cls(
            _WAYS[scheme],
            f"{scheme}://{_login(login)}{place}",
            f"{scheme}://{_shown_login(login)}{masked}",
        )

    def __str__(self) -> str:
        return self.shown

    @property
    def is_live(self) -> bool:
        """Whether it goes on in real time; a recording has an end and times of its own."""
        return self.way is not Way.FILE

    @property
    def format(self) -> str | None:
        """FFmpeg's input format where it must be named."""
        return "v4l2" if self.way is Way.USB else None

    def options(self, timeout_s: float, analysed_s: float) -> dict[str, str]:
        """For `av.open`; `timeout_s`: the longest wait for the other end to send anything.

        `analysed_s` of video are read to learn what it is. FFmpeg would read 5 s of every FLV, and
        20 frames of others to estimate a rate that nobody needs (`fpsprobesize`). `nobuffer` stays
        off: it throws away what was read for that, and so the first key frame.
        """
        timeout_us = str(round(timeout_s * 1e6))
        quick = {"fpsprobesize": "0", "analyzeduration": str(round(analysed_s * 1e6))}
        net = {**quick, "rw_timeout": timeout_us, "format_whitelist": _NET_FORMATS}
        match self.way:
            case Way.RTSP:  # TCP: a lost UDP packet is a grey picture
                return {**quick, "rtsp_transport": "tcp", "timeout": timeout_us}
            case Way.RTMP:
                return net
            case Way.HTTP:  # of a play list the newest segment: old ones are old pictures
                allowed = "http,https,httpproxy,tcp,tls,crypto"
                return {**net, "live_start_index": "-1", "protocol_whitelist": allowed}
            case Way.FILE:
                return {"protocol_whitelist": "file", "format_whitelist": _FILE_FORMATS}
            case Way.USB:
                return {}


@dataclass(frozen=True, slots=True)
class Address:
    """A camera's streams: `main`, and `sub` where the camera has a smaller one."""

    main: Endpoint
    sub: Endpoint | None = None

    @classmethod
    def parse(cls, main: str, sub: str | None = None) -> Self:
        """From an operator's entries. AddressError says what is expected."""
        return cls(Endpoint.parse(main), Endpoint.parse(sub) if sub else None)

    def __str__(self) -> str:
        return str(self.decoded)

    @property
    def decoded(self) -> Endpoint:
        """The stream that is decoded: the smaller one where there is one."""
        return self.sub or self.main


def _split(rest: str) -> tuple[str, str]:
    """Login and host with path. Passwords with @, / or # are often typed in as they are."""
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        login, _, host = authority.rpartition("@")
        return login, host + slash + path
    found = _LOOSE_LOGIN.fullmatch(rest)
    return (found[1], found[2]) if found else ("", rest)


def _login(login: str) -> str:
    """The login as FFmpeg wants it: percent-encoded once."""
    if not login:
        return ""
    user, colon, password = login.partition(":")
    return f"{_encoded(user)}{colon}{_encoded(password)}@"


def _encoded(text: str) -> str:
    return quote(_LONE_PERCENT.sub("%25", text), safe="%")


def _shown_login(login: str) -> str:
    user, colon, _ = login.partition(":")
    return f"{user}{colon and colon + _HIDDEN}@" if login else ""
