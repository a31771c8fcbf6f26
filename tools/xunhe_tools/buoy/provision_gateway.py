"""The gateway over its HTTP API: a log-in, then what the technician's commands need of it."""

import os
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from xunhe_tools.buoy.errors import BuoyError, StopError
from xunhe_tools.buoy.screen import Screen

_TIMEOUT_S = 8.0
_SENDING_S = 120.0
PASSWORD = "XUNHE_PASSWORD"  # noqa: S105  (the variable's name)

GatewayOption = Annotated[
    str | None,
    typer.Option("--gateway", envvar="XUNHE_GATEWAY", help="网关地址 / its address, http://…:8080"),
]
UserOption = Annotated[
    str, typer.Option("--user", envvar="XUNHE_USER", help="网关帐号 / account at the gateway")
]
PasswordOption = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        help=f"密码文件；否则用 {PASSWORD} 或现场输入 / file with the password; else it is asked",
    ),
]
CaOption = Annotated[
    Path | None, typer.Option("--gateway-ca", help="网关 https 的 CA / CA of its https, PEM")
]


SentFile = tuple[str, tuple[str, bytes, str]]  # field, (name, content, media type)


class GatewayError(BuoyError):
    """The gateway cannot be reached, or says no."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where to log in; the password comes from a file, the environment or the keyboard."""

    url: str
    user: str
    password_file: Path | None = None
    ca: Path | None = None

    def password(self, screen: Screen) -> str:
        """It never stands in the command line."""
        if self.password_file is not None:
            try:
                return self.password_file.read_text("utf-8").rstrip("\n")
            except OSError as error:
                raise StopError(f"{self.password_file}: {error.strerror}") from None
        if PASSWORD in os.environ:
            return os.environ[PASSWORD]
        if not screen.asks:
            raise StopError(
                "没有网关密码 / no password for the gateway",
                f"--password-file FILE，或环境变量 / or the variable {PASSWORD}",
            )
        return str(typer.prompt(f"  ? {self.user} 的密码 / password", hide_input=True))


class Gateway:
    """A session at a gateway. Errors: GatewayError, with what to try next."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str) -> Any:
        """The JSON of a GET below /api/v1."""
        return self._answer("GET", path)

    def post(self, path: str, content: Mapping[str, Any]) -> Any:
        """The JSON of a POST below /api/v1."""
        return self._answer("POST", path, json=content)

    def send(self, path: str, fields: Mapping[str, str], files: Sequence[SentFile]) -> Any:
        """The JSON of a form with files, below /api/v1; it may take its time."""
        return self._answer("POST", path, data=fields, files=files or None, timeout=_SENDING_S)

    def seal_key(self) -> tuple[bytes, str]:
        """Its public key, and the fingerprint to compare by telephone."""
        found = self.get("/devices/seal-key")
        return bytes.fromhex(found["public_key"]), str(found["fingerprint"])

    def enrol(self, sealed: bytes) -> tuple[bool, int]:
        """(has a former key been revoked, first boot number to use)."""
        done = self.post("/devices", {"sealed": b64encode(sealed).decode()})
        return bool(done["has_replaced"]), int(done["first_boot"])

    def keep_certificate(self, content: Mapping[str, Any]) -> None:
        """Hand a calibration's certificate over; again is no harm."""
        self.post(f"/devices/{content['device']}/calibrations", content)

    def stations(self) -> list[str]:
        """Stations that have a device."""
        return [row["station"] for row in self.get("/devices")]

    def bring_release(self, manifest: Mapping[str, Any], bundle: bytes) -> None:
        """Hand a signed release over; the same one again is no harm."""
        self.post("/releases", {"manifest": manifest, "bundle": b64encode(bundle).decode()})

    def offer(self, release: int, stations: Sequence[str]) -> None:
        """Offer a release to stations."""
        self.post(f"/releases/{release}/offers", {"stations": list(stations)})

    def release(self, release: int) -> dict[str, Any]:
        """A release and where it stands."""
        found: dict[str, Any] = self.get(f"/releases/{release}")
        return found

    def _answer(self, method: str, path: str, **body: Any) -> Any:
        try:
            answer = self._client.request(method, f"/api/v1{path}", **body)
        except httpx.HTTPError as error:
            raise _unreachable(self._client.base_url, error) from None
        if answer.is_success:
            return answer.json()
        raise GatewayError(f"网关拒绝 / the gateway refuses: {_problem(answer)}")


@contextmanager
def session(account: Account, screen: Screen) -> Iterator[Gateway]:
    """Log in for the block, and out at its end."""
    verify = ssl.create_default_context(cafile=account.ca) if account.ca else True
    with httpx.Client(
        base_url=account.url, timeout=_TIMEOUT_S, trust_env=False, verify=verify
    ) as client:
        form = {"name": account.user, "password": account.password(screen)}
        try:
            answer = client.post("/login", data=form)
        except httpx.HTTPError as error:
            raise _unreachable(client.base_url, error) from None
        if answer.status_code != 303:
            raise GatewayError(
                f"网关不接受帐号 {account.user} / the gateway does not let {account.user} in"
                f" ({answer.status_code})",
                "检查帐号和密码 / check user and password: --user, --password-file",
            )
        gateway = Gateway(client)
        client.headers["X-CSRF-Token"] = gateway.get("/session")["csrf"]
        try:
            yield gateway
        finally:
            with suppress(httpx.HTTPError):  # what was to be done is done, or has its own error
                client.post("/logout")


def _unreachable(url: httpx.URL, error: httpx.HTTPError) -> GatewayError:
    return GatewayError(
        f"网关 {url} 连不上 / the gateway does not answer: {type(error).__name__}",
        "没有网络时用密封文件 / without a network carry a sealed file: --carry FILE"
        " --gateway-key KEY",
    )


def _problem(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem['message_zh']} / {problem['message']}"
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"
