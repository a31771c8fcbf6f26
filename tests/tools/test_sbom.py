"""The bill of materials: whole, valid, and the same for the same installation."""

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from typer.testing import CliRunner

from xunhe_tools.cli import app
from xunhe_tools.sbom.closure import closure
from xunhe_tools.sbom.document import document

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def text() -> str:
    return document(())


def test_the_bill_names_every_package_that_the_gateway_needs(text: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = {Requirement(line).name.lower().replace("_", "-") for line in project["dependencies"]}
    found = {part["name"]: part for part in json.loads(text)["components"]}
    assert needed <= found.keys()
    assert found["cryptography"]["purl"] == f"pkg:pypi/cryptography@{version('cryptography')}"


def test_what_only_its_makers_need_is_not_in_it(text: str) -> None:
    assert not {"pytest", "ruff", "mypy", "atheris"} & closure("xunhe", ()).keys()
    assert "psycopg" not in closure("xunhe", ())


def test_files_that_the_pages_carry_and_models_are_in_it_with_their_digests(text: str) -> None:
    parts = {part["bom-ref"]: part for part in json.loads(text)["components"]}
    for name in ("vendored:leaflet", "vendored:uplot", "model:debris", "model:centerface"):
        assert parts[name]["hashes"][0]["alg"] == "SHA-256"


def test_every_package_says_its_licence(text: str) -> None:
    parts = json.loads(text)["components"]
    silent = {p["name"] for p in parts if p["type"] == "library" and not p.get("licenses")}
    assert silent == set()


def test_the_bill_is_valid_and_the_same_again(text: str) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert document(()) == text


def test_the_command_writes_it(tmp_path: Path) -> None:
    out = tmp_path / "xunhe.cdx.json"
    done = CliRunner().invoke(app, ["sbom", str(out)])
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text("utf-8"))["bomFormat"] == "CycloneDX"
