"""A campaign over every parser: half the frames by the plain mutator, half guided by coverage.

Guided frames need Atheris (`pip install 'xunhe[fuzz]'`); where it is missing, all are plain.
"""

import hashlib
import importlib.util
import logging
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe_tools.fuzz.campaign import TARGETS, Finding, corpus_of, plain, share
from xunhe_tools.fuzz.mutator import MOST_BYTES
from xunhe_tools.fuzz.target import Target

_COVERED = re.compile(r"DONE\s+cov: (\d+)")
_SEED = "seed-"
_SHORT, _MOST_KEPT = 1024, 12  # bytes of an input that is kept, inputs of a target
_UNIT_S = 10  # for one input; libFuzzer calls more a finding

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much, and where the corpus lies and findings go."""

    frames: int
    seed: int
    corpus: Path | None
    findings: Path


def measure(wanted: Wanted, say: Say) -> dict[str, Any]:
    """Run the campaign; what it found is kept as files."""
    logging.disable(logging.CRITICAL)
    is_guided = importlib.util.find_spec("atheris") is not None
    begin, fed, guided, findings = time.monotonic(), 0, 0, 0
    coverage: dict[str, int | None] = {}
    for target in TARGETS.values():
        count = share(target, wanted.frames)
        own = count // 2 if is_guided else count
        for found in plain(target, own, wanted.seed, wanted.corpus):
            findings += 1
            say(f"{found.what}: {_keep(found, wanted.findings)}")
        if is_guided:
            done, coverage[target.name] = _guided(target, count - own, wanted, say)
            findings += not done
            guided += count - own
        fed += count
        say(f"{target.name}: {count}")
    return {
        "targets": len(TARGETS),
        "frames": fed,
        "guided_frames": guided,
        "findings": findings,
        "frames_per_s": round(fed / (time.monotonic() - begin)),
        "coverage": coverage,
        "seed": wanted.seed,
    }


def _guided(target: Target, count: int, wanted: Wanted, say: Say) -> tuple[bool, int | None]:
    """Atheris in a process of its own: (went through, branches covered)."""
    wanted.findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for number, data in enumerate(corpus_of(target, wanted.corpus)):
            (work / f"{_SEED}{number}").write_bytes(data)
        prefix = f"-artifact_prefix={wanted.findings}/{target.name}-"
        limits = (f"-runs={count}", f"-max_len={MOST_BYTES}", f"-timeout={_UNIT_S}")
        done = _atheris(target, f"-seed={wanted.seed}", prefix, *limits, name)
        covered = _COVERED.search(done.stderr)
        if done.returncode:
            say("\n".join(done.stderr.splitlines()[-12:]))
        elif wanted.corpus is not None:
            _keep_new(work, wanted.corpus / target.name)
    return done.returncode == 0, int(covered[1]) if covered else None


def _keep_new(work: Path, folder: Path) -> None:
    """The last short inputs that reached something new: those took longest to find."""
    folder.mkdir(parents=True, exist_ok=True)
    found = [path for path in work.iterdir() if not path.name.startswith(_SEED)]
    short = sorted((path for path in found if path.stat().st_size <= _SHORT), key=_age)
    room = max(0, _MOST_KEPT - len(list(folder.iterdir())))
    for path in short[len(short) - min(room, len(short)) :]:
        shutil.copyfile(path, folder / path.name[-16:])


def _age(path: Path) -> float:
    return path.stat().st_mtime


def _atheris(target: Target, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "xunhe_tools.fuzz.guided", target.name, *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _keep(found: Finding, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{found.target}-{hashlib.sha256(found.data).hexdigest()[:12]}"
    file.write_bytes(found.data)
    return file
