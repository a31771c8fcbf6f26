"""The bill of materials: Python packages, vendored web files, models, as CycloneDX 1.6.

The same installation gives the same bytes: no instant, no random serial number.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

import xunhe.web
import xunhe_models
from xunhe_tools.sbom.closure import closure

ROOT = "xunhe"
_MOST_LICENSE = 80  # characters: some packages put the whole text there


def document(extras: Iterable[str]) -> str:
    """The bill of this installation with these extras, JSON."""
    packages = closure(ROOT, extras)
    components = {name: _package(name, found) for name, (found, _) in packages.items()}
    root = components.pop(ROOT)
    root.type = ComponentType.APPLICATION
    beside = [*_vendored(), *_models()]
    bom = Bom(
        components=[*components.values(), *beside],
        metadata=BomMetaData(component=root, supplier=OrganizationalEntity(name="xunhe authors")),
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, f"xunhe@{root.version}"),
    )
    every = {ROOT: root, **components}
    for name, (_, needs) in packages.items():
        bom.register_dependency(every[name], [every[need] for need in sorted(needs)])
    bom.register_dependency(root, beside)
    writer = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6)
    return _without_instant(writer.output_as_string())


def _without_instant(text: str) -> str:
    found = json.loads(text)
    found["metadata"].pop("timestamp", None)
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _package(name: str, found: Distribution) -> Component:
    licence = _licence_of(found)
    return Component(
        name=name,
        version=found.version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", None, name, found.version),
        bom_ref=f"pypi:{name}",
        licenses=[DisjunctiveLicense(name=licence)] if licence else [],
    )


def _licence_of(found: Distribution) -> str:
    """As the package says it: an expression, a word, or its classifiers."""
    for field in ("License-Expression", "License"):
        said = (found.metadata.get_all(field) or [""])[0].strip()
        if said:
            return str(said.splitlines()[0][:_MOST_LICENSE])
    lines = found.metadata.get_all("Classifier") or ()
    kinds = [str(line).rpartition(" :: ")[2] for line in lines if line.startswith("License")]
    return "; ".join(kinds)


def _vendored() -> Iterator[Component]:
    for file in sorted((Path(xunhe.web.__file__).parent / "static/vendor").glob("*/vendor.json")):
        said = json.loads(file.read_text("utf-8"))
        yield Component(
            name=said["name"],
            version=said["version"],
            type=ComponentType.LIBRARY,
            purl=PackageURL("npm", None, said["name"].lower(), said["version"]),
            bom_ref=f"vendored:{file.parent.name}",
            licenses=[DisjunctiveLicense(name=said["licence"])],
            hashes=[
                HashType(alg=HashAlgorithm.SHA_256, content=digest)
                for name, digest in sorted(said["sha256"].items())
                if name.endswith(".js")
            ],
        )


def _models() -> Iterator[Component]:
    folder = Path(xunhe_models.__file__).parent
    for file in sorted(folder.rglob("*.onnx")):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield Component(
            name=str(file.relative_to(folder)),
            type=ComponentType.MACHINE_LEARNING_MODEL,
            bom_ref=f"model:{file.stem}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        )
