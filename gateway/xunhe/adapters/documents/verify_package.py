"""Verify an evidence package: unpack it, then `python3 verify.py` beside its manifest.json.

核验证据包：解压后在本目录执行 python3 verify.py。不需要网络，也不需要安装任何东西。

Plain Python 3.7 or later, its standard library alone: read it before you trust it. It checks that
every file is there and is what the manifest says, that there is no other file, and that the log of
the desk is one unbroken chain of SHA-256 hashes. It prints the SHA-256 of the manifest: compare it
with the one on the letter.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST, LOG = "manifest.json", "log.jsonl"


def file_problems(folder: Path, manifest: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (path, problem) for files that are missing, changed or not listed."""
    listed = {entry["path"]: entry for entry in manifest["files"]}
    for path, entry in sorted(listed.items()):
        file = folder / path
        if not file.is_file():
            yield path, "缺少 missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            yield path, "已被改动 changed"
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        path = file.relative_to(folder).as_posix()
        if path not in listed and path != MANIFEST:
            yield path, "不在清单中 not in the manifest"


def entry_hash(entry: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON of an entry without its own hash."""
    content = {key: value for key, value in entry.items() if key != "hash"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def chain_problems(lines: list[str], chain: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (line, problem) for entries that do not follow from the one before."""
    prev, seq = chain["prev"], chain["first_seq"]
    for number, line in enumerate(lines, 1):
        where = f"{LOG}:{number}"
        entry = json.loads(line)
        if entry["seq"] != seq or entry["prev"] != prev:
            yield where, "链条中断 does not follow from the entry before"
        if entry_hash(entry) != entry["hash"]:
            yield where, "内容已被改动 content changed"
        prev, seq = entry["hash"], entry["seq"] + 1
    if (prev, seq - 1) != (chain["head"], chain["last_seq"]):
        yield LOG, "链条末端不符 does not end at the head"


def problems(folder: Path) -> list[tuple[str, str]]:
    """Every (place, problem) of the package in a folder."""
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    found = list(file_problems(folder, manifest))
    if (folder / LOG).is_file():
        lines = (folder / LOG).read_text("utf-8").splitlines()
        found += chain_problems(lines, manifest["chain"])
    return found


def main() -> int:
    """Print what is wrong; 0 where nothing is, else 1."""
    folder = Path(__file__).resolve().parent
    try:
        found = problems(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = [(MANIFEST, f"无法读取 cannot be read: {error}")]
    for place, problem in found:
        print(f"✗ {place}: {problem}")
    if found:
        return 1
    digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    print("✓ 证据包完好，日志链完整 / the package is intact, its log an unbroken chain")
    print(f"清单 SHA-256（与移送函核对 / compare with the letter）: {digest}")
    return 0


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a console that has no ✓
    sys.exit(main())
