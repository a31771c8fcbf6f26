"""Releases that come in over the API: kept whole, each number once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xunhe.adapters.releases import ReleaseError, Releases
from xunhe.adapters.whole_file import write_whole


def take_in(folder: Path, manifest: Mapping[str, Any], bundle: bytes) -> bool:
    """Keep a release; False where the same one is kept. ReleaseError where it does not fit.

    The bundle is there before the manifest that names it. Whether the signature is right is for the
    buoys to say, which alone know the key.
    """
    release = manifest.get("release")
    if isinstance(release, bool) or not isinstance(release, int) or release < 1:
        raise ReleaseError(f"release {release!r:.40} is not a number from 1 on")
    text = json.dumps(manifest)
    about = folder / f"{release}.json"
    if about.exists():
        if json.loads(about.read_text("utf-8")) == manifest:
            return False
        raise ReleaseError(f"release {release} is there already: take a greater number")
    folder.mkdir(parents=True, exist_ok=True)
    Releases.check(release, text.encode(), bundle)
    write_whole(folder / f"{release}.bundle", bundle)
    write_whole(about, text.encode())
    return True
