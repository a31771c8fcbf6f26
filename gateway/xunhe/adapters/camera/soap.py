"""SOAP 1.2 as ONVIF devices speak it: envelopes out, trees in. Pure: no socket, no clock.

WSS = OASIS Web Services Security, UsernameToken Profile 1.0. ONVIF Core Specification 5.9 asks for
its digest form.
"""

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

NAMES = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "d": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "dn": "http://www.onvif.org/ver10/network/wsdl",
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
}
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_TOKEN_PROFILE = f"{_WSS}-username-token-profile-1.0"
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
MAX_BYTES = 1 << 20  # hundreds of presets are 100 kB


class SoapError(ValueError):
    """An answer that is no SOAP, or that declares what could be used for an attack."""


@dataclass(frozen=True, slots=True)
class Login:
    """User and password of a device."""

    user: str
    password: str = field(repr=False)


def envelope(body: str, header: str = "") -> bytes:
    """An envelope; the prefixes of NAMES are declared."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<s:Envelope {_DECLARED}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def digest(nonce: bytes, created: str, password: str) -> str:
    """Base64 of SHA-1 over nonce, creation time and password (WSS 3.1, line 180)."""
    # SHA-1 is the standard's choice, not ours.
    hashed = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False)
    return base64.b64encode(hashed.digest()).decode()


def security(login: Login, nonce: bytes, at: datetime) -> str:
    """The header that proves the password; `at` must be near the device's own time."""
    created = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    proof = digest(nonce, created, login.password)
    return (
        f'<wsse:Security s:mustUnderstand="1" xmlns:wsse="{_WSS}-wssecurity-secext-1.0.xsd"'
        f' xmlns:wsu="{_WSS}-wssecurity-utility-1.0.xsd"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(login.user)}</wsse:Username>"
        f'<wsse:Password Type="{_TOKEN_PROFILE}#PasswordDigest">{proof}</wsse:Password>'
        f'<wsse:Nonce EncodingType="{_WSS}-soap-message-security-1.0#Base64Binary">'
        f"{base64.b64encode(nonce).decode()}</wsse:Nonce>"
        f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )


def parse(data: bytes) -> Element:
    """The root of an answer. SoapError for what is not XML, too large, or has a DTD.

    SOAP forbids document type declarations (SOAP 1.2, 5); without one there are no entities.
    """
    if len(data) > MAX_BYTES:
        raise SoapError(f"{len(data)} bytes, at most {MAX_BYTES}")
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: builder.start(_tag(name), attributes)
    parser.EndElementHandler = lambda name: builder.end(_tag(name))
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise SoapError(f"not XML: {error}") from error
    return builder.close()


def text(element: Element, path: str) -> str:
    """The text at `path` below `element`, with the prefixes of NAMES; "" where there is none."""
    return (element.findtext(path, "", NAMES) or "").strip()


def _tag(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse(*_declaration: object) -> NoReturn:
    raise SoapError("a document type declaration")
