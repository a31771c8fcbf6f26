"""Makes every generated file anew: `python -m hardware.generate`, or `make hardware`.

--light leaves out what needs SKiDL, WireViz and build123d; --check writes nothing and tells what
would change.
"""

import argparse
import sys

from hardware import light
from hardware.light import FOLDER


def main() -> None:
    """Exit code 1 where --check finds a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--check", action="store_true")
    wanted = parser.parse_args()
    changed = [] if wanted.light else _put(_heavy(), wanted.check)
    changed += _put(light.files(), wanted.check)
    for name in changed:
        print(f"{'不同 differs' if wanted.check else '已写 written'}: {name}")
    if wanted.check and changed:
        sys.exit(1)


def _heavy() -> dict[str, bytes]:
    """Imported only where it is wanted: its tools weigh more than a gigabyte."""
    from hardware import heavy  # noqa: PLC0415

    return heavy.files()


def _put(files: dict[str, bytes], check: bool) -> list[str]:
    """Names of the files whose content differs; they are written unless `check`."""
    changed = [
        name
        for name, content in files.items()
        if not (FOLDER / name).exists() or (FOLDER / name).read_bytes() != content
    ]
    if not check:
        for name in changed:
            (FOLDER / name).write_bytes(files[name])
    return changed


if __name__ == "__main__":
    main()
