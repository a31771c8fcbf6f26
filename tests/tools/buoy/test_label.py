"""The label: what a person reads on it, what a telephone reads on it, and what nobody may read."""

import shutil
import subprocess
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import cv2
import pytest
from pypdf import PdfReader

from xunhe_tools.buoy.provision_label import Label, pdf, svg

LABEL = Label("YX-S1", "永溪 <上游>", "02a1b2c3d4e5", "ab12cd34", "0.1.0", date(2026, 11, 22))
WORDS = ("YX-S1", "永溪 <上游>", "02A1 B2C3 D4E5", "ab12cd34", "2026-11-22")


def test_the_pdf_says_whose_buoy_this_is_on_a_page_of_the_labels_size(tmp_path: Path) -> None:
    path = tmp_path / "label.pdf"
    path.write_bytes(pdf(LABEL))
    (page,) = PdfReader(path).pages
    assert [round(float(n) / 72 * 25.4) for n in page.mediabox[2:]] == [90, 50]
    for word in WORDS:
        assert word in page.extract_text()
    assert pdf(LABEL) == pdf(LABEL)


def test_the_drawing_says_the_same() -> None:
    root = ET.fromstring(svg(LABEL))
    text = " ".join(node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text"))
    for word in WORDS:
        assert word in text


@pytest.mark.parametrize(
    ("gateway", "code"),
    [
        ("", "XUNHE YX-S1 02a1b2c3d4e5"),
        ("http://gw:8080/", "http://gw:8080/stations/YX-S1"),
    ],
)
def test_a_telephone_reads_the_code_from_the_printed_label(
    tmp_path: Path, gateway: str, code: str
) -> None:
    program = shutil.which("pdftoppm")
    if program is None:
        pytest.skip("pdftoppm is not installed: apt-get install poppler-utils")
    label = Label("YX-S1", "永溪", "02a1b2c3d4e5", "ab12cd34", "0.1.0", date(2026, 11, 22), gateway)
    path = tmp_path / "label.pdf"
    path.write_bytes(pdf(label))
    subprocess.run([program, "-r", "150", "-png", path, tmp_path / "label"], check=True)
    (page,) = tmp_path.glob("label*.png")
    found, *_ = cv2.QRCodeDetector().detectAndDecode(cv2.imread(str(page)))
    assert found == code
