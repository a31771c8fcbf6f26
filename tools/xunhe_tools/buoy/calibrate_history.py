"""The technician's folder: every certificate, whole, and what has not reached the gateway yet.

<folder>/<device>/<number>.json    the certificate
<folder>/<device>/<number>.pdf     to print
<folder>/<device>/<number>.sent    the gateway has it
"""

import json
from collections.abc import Iterator
from pathlib import Path

from xunhe.adapters.whole_file import write_whole
from xunhe_tools.buoy.calibrate_certificate import Certificate, from_json
from xunhe_tools.buoy.calibrate_certificate_pdf import pdf


class HistoryError(ValueError):
    """A file of the folder that is no certificate; the message names it."""


def keep(folder: Path, certificate: Certificate) -> Path:
    """Write both forms; the path of the PDF."""
    place = folder / certificate.device
    place.mkdir(parents=True, exist_ok=True)
    write_whole(place / f"{certificate.number}.json", certificate.text().encode())
    path = place / f"{certificate.number}.pdf"
    write_whole(path, pdf(certificate))
    return path


def kept(folder: Path, device: str, probe: str | None = None) -> list[Certificate]:
    """The certificates of a device, oldest first; of one probe where `probe` names it."""
    found = [_read(path) for path in sorted((folder / device).glob("XHC-*.json"))]
    return sorted((c for c in found if probe in (None, c.probe)), key=lambda c: c.at)


def unsent(folder: Path) -> Iterator[Certificate]:
    """What the gateway has not confirmed, of all devices."""
    for path in sorted(folder.glob("*/XHC-*.json")):
        if not path.with_suffix(".sent").exists():
            yield _read(path)


def mark_sent(folder: Path, certificate: Certificate) -> None:
    """The gateway has it."""
    (folder / certificate.device / f"{certificate.number}.sent").touch()


def _read(path: Path) -> Certificate:
    try:
        return from_json(json.loads(path.read_text("utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise HistoryError(f"{path} is no certificate of this tool: {error!r}") from error
