"""Where phones fetch the site's authority: the one door that speaks plain HTTP beside HTTPS.

It gives the authority's certificate and how to trust it, and sends everything else to HTTPS. It
knows no session and no data.
"""

import plistlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from xunhe.adapters.https import authority
from xunhe.settings import WebSettings
from xunhe.web.headers import SecurityHeaders
from xunhe.web.static_files import StaticApp
from xunhe.web.templates import plain_page

ANDROID = "/xunhe-authority.crt"
IPHONE = "/xunhe.mobileconfig"


def enrolment_app(folder: Path, https_port: int) -> SecurityHeaders:
    """The application of the plain door."""

    def certificate() -> x509.Certificate:
        return authority.read(folder / authority.AUTHORITY)

    def page(request: Request) -> Response:
        text = plain_page(
            "enrolment.html",
            fingerprint=authority.fingerprint(certificate()),
            address=_secure(request, https_port, "/"),
            android=ANDROID,
            iphone=IPHONE,
        )
        return HTMLResponse(text)

    def android(request: Request) -> Response:
        data = certificate().public_bytes(Encoding.DER)
        return _file(data, "application/x-x509-ca-cert", ANDROID)

    def iphone(request: Request) -> Response:
        return _file(mobileconfig(certificate()), "application/x-apple-aspen-config", IPHONE)

    def elsewhere(request: Request) -> Response:
        return RedirectResponse(_secure(request, https_port, request.url.path), 307)

    app = Starlette(
        routes=[
            Mount("/static", StaticApp()),
            Route("/", page),
            Route(ANDROID, android),
            Route(IPHONE, iphone),
            Route("/{path:path}", elsewhere, methods=["GET", "POST", "PUT", "DELETE"]),
        ]
    )
    return SecurityHeaders(app)


def mobileconfig(certificate: x509.Certificate) -> bytes:
    """An iPhone's profile with the authority in it (Apple, Configuration Profile Reference)."""
    print_ = authority.fingerprint(certificate)
    root = {
        "PayloadType": "com.apple.security.root",
        "PayloadVersion": 1,
        "PayloadIdentifier": "xunhe.authority.certificate",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"certificate {print_}")).upper(),
        "PayloadDisplayName": "巡河证书 xunhe authority",
        "PayloadContent": certificate.public_bytes(Encoding.DER),
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": "xunhe.authority",
        "PayloadUUID": str(uuid5(NAMESPACE_URL, f"profile {print_}")).upper(),
        "PayloadDisplayName": "巡河 xunhe",
        "PayloadDescription": "信任本单位的巡河网关 / trusts this site's gateway",
        "PayloadContent": [root],
    }
    return plistlib.dumps(profile)


@contextmanager
def enrolment(settings: WebSettings) -> Iterator[None]:
    """The plain door, open until the block ends; nothing where HTTPS is off."""
    if settings.https is None:
        yield
        return
    config = uvicorn.Config(
        enrolment_app(settings.https, settings.port),
        host=settings.host,
        port=settings.enrol_port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="enrolment", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _secure(request: Request, port: int, path: str) -> str:
    return f"https://{request.url.hostname}:{port}{path}"


def _file(data: bytes, media_type: str, path: str) -> Response:
    named = {"Content-Disposition": f'attachment; filename="{path[1:]}"'}
    return Response(data, media_type=media_type, headers=named)
