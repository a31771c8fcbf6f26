"""Walks every import of the four packages: arrows go from outside to inside, never back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {
    "xunhe_buoy": ROOT / "firmware/xunhe_buoy",
    "xunhe": ROOT / "gateway/xunhe",
    "xunhe_models": ROOT / "models/xunhe_models",
    "xunhe_tools": ROOT / "tools/xunhe_tools",
}
MAY_IMPORT = {
    "xunhe_buoy": {"xunhe_buoy"},
    "xunhe": {"xunhe", "xunhe_buoy", "xunhe_models"},
    "xunhe_models": {"xunhe_models"},
    "xunhe_tools": set(PACKAGES),
}
PURE_FIRMWARE = {
    "xunhe_buoy.record",
    "xunhe_buoy.chemistry",
    "xunhe_buoy.quality",
    "xunhe_buoy.message",
    "xunhe_buoy.parameter_table",
    "xunhe_buoy.checks",
    "xunhe_buoy.radio_frame",
    "xunhe_buoy.radio_queue",
}

# Inside the gateway: the part → the parts that it may import.
GATEWAY = {
    "domain": {"domain"},
    "codecs": {"domain", "codecs"},
    "water": {"domain", "water"},
    "alerts": {"domain", "water", "alerts", "settings"},
    "desk": {"domain", "desk", "settings", "outward_settings"},
    "outward_settings": {"settings", "outward_settings"},
    "vision": {"domain", "settings", "vision"},
    "settings": {"settings"},
    "adapters": {
        "domain",
        "water",
        "alerts",
        "desk",
        "vision",
        "codecs",
        "settings",
        "outward_settings",
        "adapters",
    },
    "web": {
        "domain",
        "water",
        "alerts",
        "desk",
        "codecs",
        "settings",
        "outward_settings",
        "adapters",
        "web",
    },
    "outward": {"domain", "desk", "settings", "outward_settings", "adapters"},
    "supervisor": {"supervisor"},
    "parts": {"domain", "desk", "settings", "outward_settings", "adapters", "supervisor", "web"},
    "broker_parts": {"domain", "settings", "adapters", "supervisor"},
    "start": {"domain", "settings", "adapters"},
    "app": {
        "domain",
        "settings",
        "adapters",
        "outward",
        "outward_settings",
        "parts",
        "broker_parts",
        "start",
        "supervisor",
        "web",
    },
    "province": {
        "domain",
        "settings",
        "adapters",
        "start",
        "outward",
        "outward_settings",
        "parts",
        "supervisor",
        "web",
    },
    "cli": {"domain", "desk", "settings", "adapters", "app", "province", "start"},
}
WITHOUT_INPUT_OR_OUTPUT = ("domain", "water", "alerts", "desk", "vision", "codecs")
INPUT_AND_OUTPUT = {"socket", "sqlite3", "sqlalchemy", "asyncio", "threading", "paho", "fastapi"}


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files(package: str) -> list[Path]:
    return sorted(PACKAGES[package].rglob("*.py"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_the_design_allows(package: str) -> None:
    for file in files(package):
        for name in imports_of(file):
            top = name.split(".")[0]
            assert top not in PACKAGES or top in MAY_IMPORT[package], f"{file} imports {name}"


def test_the_gateway_imports_only_the_pure_modules_of_the_firmware() -> None:
    for file in files("xunhe"):
        for name in imports_of(file):
            if name.startswith("xunhe_buoy"):
                module = ".".join(name.split(".")[:2])
                assert module in PURE_FIRMWARE, f"{file} imports {name}"


@pytest.mark.parametrize("part", GATEWAY)
def test_arrows_in_the_gateway_point_to_the_domain(part: str) -> None:
    root = PACKAGES["xunhe"]
    of_part = (
        [root / f"{part}.py"] if (root / f"{part}.py").exists() else (root / part).rglob("*.py")
    )
    for file in of_part:
        for name in imports_of(file):
            levels = name.split(".")
            if levels[0] == "xunhe" and len(levels) > 1:
                assert levels[1] in GATEWAY[part], f"{file.relative_to(root)} imports {name}"


def test_every_part_of_the_gateway_is_named_here() -> None:
    root = PACKAGES["xunhe"]
    parts = {p.stem for p in root.glob("*.py")} | {
        p.name for p in root.iterdir() if p.is_dir() and any(p.rglob("*.py"))
    }
    assert parts - {"__init__", "__pycache__"} == set(GATEWAY)


def test_the_inner_parts_touch_no_socket_thread_or_database() -> None:
    for part in WITHOUT_INPUT_OR_OUTPUT:
        for file in (PACKAGES["xunhe"] / part).rglob("*.py"):
            found = {name.split(".")[0] for name in imports_of(file)} & INPUT_AND_OUTPUT
            assert not found, f"{file} imports {found}"
