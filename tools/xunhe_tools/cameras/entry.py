"""What a camera offers, and the entries of `cameras.toml` that watch it."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from xunhe.adapters.camera.onvif import OnvifCamera
from xunhe.adapters.camera.soap import Login

_ANSWER_S = 5.0


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream, its address without login."""

    name: str
    codec: str
    width_px: int
    height_px: int
    url: str


@dataclass(frozen=True, slots=True)
class PresetName:
    """A stored direction of a dome camera."""

    token: str
    name: str


@dataclass(frozen=True, slots=True)
class Device:
    """A camera: `onvif` is the address of its service, `streams` the largest first."""

    onvif: str
    streams: tuple[Stream, ...]
    presets: tuple[PresetName, ...]


def device(address: str, user: str, password: str) -> Device:
    """Ask a camera what it offers. Raises SourceError."""
    with httpx.Client(timeout=_ANSWER_S, trust_env=False) as http:
        camera = OnvifCamera(
            address, Login(user, password), http, lambda: datetime.now(UTC), lambda: os.urandom(16)
        )
        profiles = camera.profiles()
        streams = tuple(
            Stream(p.name, p.codec, p.width_px, p.height_px, camera.stream_url(p.token))
            for p in profiles
        )
        presets = camera.presets(profiles[0].token) if profiles else []
        named = tuple(PresetName(preset.token, preset.name) for preset in presets)
        return Device(address, streams, named)


def entries(found: Device) -> str:
    """For people to copy: comments, and an entry for the camera or for each of its presets."""
    lines = [
        f"# {stream.name}: {stream.codec} {stream.width_px}×{stream.height_px}  {stream.url}"
        for stream in found.streams
    ]
    for preset in found.presets or (None,):
        lines += ["", *_entry(found, preset)]
    return "\n".join(lines)


def _entry(found: Device, preset: PresetName | None) -> list[str]:
    video = [stream for stream in found.streams if stream.codec in {"H264", "H265"}]
    url = _with_login(video[0].url) if video else "rtsp://"
    lines = [
        "[[camera]]",
        'code = ""                # 唯一编码 / a code of its own',
        f'name = "{preset.name if preset else ""}"',
        'name_en = ""',
        'reach = ""               # 所在河段 / its reach',
        "position_m = 0           # 距河段起点 / from the head of the reach",
        "lon_lat = [0.0, 0.0]",
        f'url = "{url}"',
    ]
    if preset is not None:
        lines += [f'onvif = "{_with_login(found.onvif)}"', f'preset = "{preset.token}"']
    return lines


def _with_login(url: str) -> str:
    """Where user and password belong."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://用户:密码@{rest}"
