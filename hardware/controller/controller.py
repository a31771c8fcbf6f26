"""The buoy controller, revision A: all sheets, its electrical rules, its KiCad netlist."""

import builtins
import re

import skidl

from hardware.controller import ezo, probes, processor, radio, rails, solar

BLOCKS = (solar, rails, processor, probes, ezo, radio)
REVISION = "A"


def netlist() -> str:
    """The KiCad netlist, the same byte for byte each time. RuntimeError where a rule is broken."""
    skidl.reset()
    vars(builtins)["default_circuit"].no_files = True  # no reports beside the caller
    for block in BLOCKS:
        block.build()
    skidl.ERC()
    errors, warnings = (skidl.erc_logger.error.count, skidl.erc_logger.warning.count)
    if errors or warnings:
        raise RuntimeError(f"electrical rules: {errors} errors, {warnings} warnings, see above")
    return _steady(str(skidl.generate_netlist(tool=skidl.KICAD8)))


def _steady(text: str) -> str:
    """Without the hour, the place and the random marks of one run."""
    text = re.sub(r'\(date "[^"]*"\)', f'(date "revision {REVISION}")', text)
    text = re.sub(r'\(source "[^"]*"\)', '(source "hardware/controller/controller.py")', text)
    text = re.sub(r'\n *\(field\s*\(name "SKiDL (?:Line|Tag)"\) "[^"]*"\)', "", text)
    return text.rstrip() + "\n"
