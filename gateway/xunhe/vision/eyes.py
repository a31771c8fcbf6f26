"""The models of one worker: a session each, shared by all of its cameras."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Self

from xunhe_models.detector import Detector
from xunhe_models.discharge.finder import Finder

SHIPPED = Path(str(files("xunhe_models"))) / "shipped"


@dataclass(frozen=True, slots=True)
class Eyes:
    """Debris detector and discharge finder; `sha256` of their files goes into the evidence."""

    detector: Detector
    finder: Finder
    sha256: dict[str, str]

    @classmethod
    def load(cls, debris: Path | None = None, discharge: Path | None = None) -> Self:
        """The shipped models, or a site's own. ModelError names a file that is none."""
        paths = {
            "debris": debris or SHIPPED / "debris.onnx",
            "discharge": discharge or SHIPPED / "discharge.onnx",
        }
        digests = {name: hashlib.sha256(p.read_bytes()).hexdigest() for name, p in paths.items()}
        return cls(Detector(paths["debris"]), Finder(paths["discharge"]), digests)
