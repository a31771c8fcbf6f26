"""How a phone comes in: the code that leads it to the plain door, and from there to HTTPS."""

from dataclasses import dataclass

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response

from xunhe.adapters.https import authority
from xunhe.settings import WebSettings
from xunhe.web.console import ConsoleDep
from xunhe.web.templates import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Door:
    """One address of the plain door, with its QR code."""

    address: str
    picture: str


@router.get("/phones")
def phones_page(request: Request, console: ConsoleDep) -> Response:
    """The QR codes, one an address of this gateway; how to turn HTTPS on where it is off."""
    settings = console.settings
    doors = [] if settings.https is None else _doors(settings)
    shown = ""
    if settings.https is not None:
        shown = authority.fingerprint(authority.read(settings.https / authority.AUTHORITY))
    return render(request, "phones.html", doors=doors, fingerprint=shown)


def _doors(settings: WebSettings) -> list[Door]:
    if settings.https is None:
        return []
    names = authority.names_of(authority.read(settings.https / authority.SERVER))
    addresses = [f"http://{host}:{settings.enrol_port}/" for host in names.reachable]
    return [Door(address, _qr(address)) for address in addresses]


def _qr(address: str) -> str:
    return segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff")
