"""Probes, calibration and quality: the same checks on CPython and on real MicroPython."""

import sys

from test_portable import run


def test_the_checks_of_probes_hold_on_cpython():
    assert run([sys.executable], "portable_probes.py").endswith("all checks hold\n")


def test_the_checks_of_probes_hold_on_micropython(micropython):
    assert run(micropython, "portable_probes.py").endswith("all checks hold\n")
