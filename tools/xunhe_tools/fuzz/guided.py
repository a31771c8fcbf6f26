"""Coverage-guided fuzzing of one target with Atheris, in a process of its own.

    python -m xunhe_tools.fuzz.guided TARGET [option of libFuzzer or folder of a corpus …]

Atheris instruments what is imported after it, so the targets are imported inside `main`.
"""

import sys

import atheris


def main() -> None:
    """Feed the target until libFuzzer has had enough; a finding ends the process with an error."""
    name, *options = sys.argv[1:]
    with atheris.instrument_imports(include=["xunhe", "xunhe_buoy", "gpxpy"]):
        from xunhe_tools.fuzz.campaign import TARGETS  # noqa: PLC0415
    target = TARGETS[name]

    def once(data: bytes) -> None:
        error = target.finding(data)
        if error is not None:
            raise error

    atheris.Setup([sys.argv[0], *options], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
