"""deploy/upgrade.sh: a version that does not come up is left again, with the data of before."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "deploy/upgrade.sh"
# What the script calls, as small as it can be. A version is ready unless its name holds "bad".
PROGRAMS = {
    "python3": """
for last; do :; done
mkdir -p "$last/bin"
cat > "$last/bin/pip" <<'X'
#!/bin/sh
case "$*" in *uninstallable*) exit 1 ;; esac
X
cat > "$last/bin/python" <<'X'
#!/bin/sh
case "$0" in *2.0*) echo 0012 ;; *) echo 0011 ;; esac
X
cat > "$last/bin/xunhe" <<'X'
#!/bin/sh
echo "$0 $*" >> "$LOG"
X
chmod +x "$last"/bin/*
""",
    "systemctl": 'echo "systemctl $*" >> "$LOG"',
    "curl": 'case "$(readlink "$XUNHE_ROOT/current")" in *bad*) exit 22 ;; esac',
    "sleep": ":",
}


@dataclass(frozen=True)
class Machine:
    """A machine with the layout, and what was called on it."""

    root: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
            "XUNHE_ROOT": str(self.root / "opt"),
            "XUNHE_DATA": str(self.root),
            "XUNHE_READY_S": "2",
            "PYTHON": "python3",
            "LOG": str(self.root / "log"),
        }
        command = ["sh", str(SCRIPT), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def install(self, version: str) -> subprocess.CompletedProcess[str]:
        wheel = self.root / f"xunhe-{version}-py3-none-any.whl"
        wheel.touch()
        return self.run("install", str(wheel))

    def link(self, name: str) -> str:
        return (self.root / "opt" / name).readlink().name

    def log(self) -> str:
        return (self.root / "log").read_text("utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "bin").mkdir()
    (tmp_path / "opt/releases").mkdir(parents=True)
    for name, body in PROGRAMS.items():
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
    return Machine(tmp_path)


def test_a_version_that_comes_up_is_current_and_the_one_before_is_kept(machine: Machine) -> None:
    assert machine.install("1.0").returncode == 0
    assert machine.install("2.0").returncode == 0
    assert (machine.link("current"), machine.link("previous")) == ("2.0", "1.0")
    again = machine.install("2.0")
    assert again.returncode == 1
    assert "is installed already" in again.stderr


def test_a_version_that_does_not_come_up_is_left_with_its_tables(machine: Machine) -> None:
    machine.install("1.0")
    result = machine.install("2.0bad")
    assert result.returncode == 1
    assert "not ready within" in result.stderr
    assert machine.link("current") == "1.0"
    rolled = "releases/2.0bad/bin/xunhe rollback --config /etc/xunhe/xunhe.toml --revision 0011"
    log = machine.log()
    assert rolled in log
    assert log.rindex("systemctl stop xunhe") < log.index(rolled) < log.rindex("systemctl start")


def test_going_back_by_hand_and_forward_again(machine: Machine) -> None:
    machine.install("1.0")
    machine.install("2.0")
    assert machine.run("back").returncode == 0
    assert machine.link("current") == "1.0"
    assert machine.link("previous") == "2.0"


def test_what_cannot_be_installed_changes_nothing(machine: Machine) -> None:
    machine.install("1.0")
    before = machine.log()
    assert machine.install("uninstallable").returncode == 1
    assert machine.link("current") == "1.0"
    assert machine.log() == before
    for arguments in ((), ("install",), ("install", "none.whl"), ("other",)):
        assert machine.run(*arguments).returncode == 1


def test_without_a_version_before_there_is_nowhere_to_go(machine: Machine) -> None:
    machine.install("1.0")
    assert "no version before" in machine.run("back").stderr


@pytest.mark.skipif(shutil.which("dash") is None, reason="no dash here")
def test_a_plain_shell_can_read_the_script() -> None:
    subprocess.run(["dash", "-n", SCRIPT], check=True)
