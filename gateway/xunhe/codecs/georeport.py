"""GeoReport v2 on the wire: the same answer as JSON or as XML.

An answer is a name and what it holds: a list of rows, or one row. In XML a list's elements have the
singular of its name, except that of `service_requests` is `request`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from xml.etree import ElementTree as ET

Form = Literal["json", "xml"]
MEDIA_TYPES: dict[Form, str] = {"json": "application/json", "xml": "text/xml"}

_REQUESTS = "service_requests"


def written(name: str, content: Any, form: Form) -> bytes:
    """An answer in UTF-8. JSON leaves the outermost name out."""
    if form == "json":
        return json.dumps(content, ensure_ascii=False).encode()
    root = ET.Element(name)
    _fill(root, content)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True))


def _fill(element: ET.Element, content: Any) -> None:
    match content:
        case Mapping():
            for name, inner in content.items():
                _fill(ET.SubElement(element, name), inner)
        case Sequence() if not isinstance(content, str):
            singular = "request" if element.tag == _REQUESTS else element.tag.removesuffix("s")
            for inner in content:
                _fill(ET.SubElement(element, singular), inner)
        case bool():
            element.text = str(content).lower()
        case None:
            element.text = ""
        case _:
            element.text = str(content)
