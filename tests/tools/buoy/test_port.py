"""Ports that do not open: each with the reason and what to type."""

import errno
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
import serial

from xunhe_tools.buoy import port as ports_module
from xunhe_tools.buoy.errors import PortError, PortTrouble
from xunhe_tools.buoy.port import chosen, holder, open_port, ports, trouble
from xunhe_tools.virtual_river.serial_line import Pty


@pytest.fixture
def pty():
    found = Pty()
    yield found
    found.close()


def refused(path: str) -> PortError:
    with pytest.raises(PortError) as found:
        open_port(path)
    return found.value


def test_a_port_that_is_not_there_is_gone(tmp_path: Path) -> None:
    error = refused(str(tmp_path / "ttyUSB0"))
    assert error.kind is PortTrouble.GONE
    assert "xunhe buoy list" in error.next_step


def test_a_link_whose_board_was_pulled_is_gone(tmp_path: Path) -> None:
    (tmp_path / "tty").symlink_to("/dev/pts/no-such")
    assert refused(str(tmp_path / "tty")).kind is PortTrouble.GONE


def test_a_port_in_use_names_the_program_that_holds_it(pty: Pty) -> None:
    code = "import serial, sys, time; p = serial.Serial(sys.argv[1], exclusive=True)\n"
    code += "print('open', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code, pty.path], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        error = refused(pty.path)
        assert error.kind is PortTrouble.BUSY
        assert f"({other.pid})" in error.happened
        assert f"kill {other.pid}" in error.next_step
        assert holder(pty.path).endswith(f"({other.pid})")
    finally:
        other.kill()
        other.communicate()


def test_nobody_holds_a_port_that_only_this_program_has_open(pty: Pty) -> None:
    assert holder(pty.path) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become nobody")
def test_a_port_without_rights_says_which_group_to_join() -> None:
    code = "import sys\nfrom xunhe_tools.buoy.errors import PortError\n"
    code += "from xunhe_tools.buoy.port import open_port\nimport os\nos.setuid(65534)\n"
    code += "try:\n    open_port(sys.argv[1])\nexcept PortError as e:\n"
    code += "    print(e.kind, e.next_step)\n"
    with tempfile.NamedTemporaryFile() as file:  # for nobody to see, and not to open
        Path(file.name).chmod(0o600)
        done = subprocess.run(
            [sys.executable, "-c", code, file.name], capture_output=True, text=True, check=True
        )
    assert done.stdout.startswith("rights ")
    assert "usermod -aG dialout" in done.stdout


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (serial.SerialException(errno.EACCES, "denied"), PortTrouble.RIGHTS),
        (serial.SerialException("could not open: [Errno 13] denied"), PortTrouble.RIGHTS),
        (PermissionError(errno.EPERM, "denied"), PortTrouble.RIGHTS),
        (serial.SerialException(errno.EBUSY, "busy"), PortTrouble.BUSY),
        (serial.SerialException("[Errno 11] locked"), PortTrouble.BUSY),
        (serial.SerialException(errno.ENOENT, "none"), PortTrouble.GONE),
        (serial.SerialException(errno.EIO, "broken"), PortTrouble.OTHER),
        (serial.SerialException("no number"), PortTrouble.OTHER),
    ],
)
def test_every_error_number_finds_its_reason(error: OSError, kind: PortTrouble) -> None:
    assert trouble("/dev/null", error).kind is kind


# -- which ports there are


@dataclass
class Usb:
    device: str
    serial_number: str | None = None
    vid: int | None = 0x10C4
    pid: int = 0xEA60
    product: str | None = "CP2102"
    description: str = ""


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Usb]:
    found: list[Usb] = []
    monkeypatch.setattr(ports_module.list_ports, "comports", lambda: found)
    return found


def test_ports_that_are_no_usb_are_left_out_and_named_ones_are_added(plugged: list[Usb]) -> None:
    plugged += [Usb("/dev/ttyS0", vid=None), Usb("/dev/ttyUSB0")]
    assert [port.path for port in ports(["/x.tty"])] == ["/dev/ttyUSB0", "/x.tty"]
    assert ports()[0].usb_id == "10c4:ea60"


def test_adapters_with_one_serial_number_are_told_apart_by_path(plugged: list[Usb]) -> None:
    plugged += [Usb("/dev/ttyUSB1", "0001"), Usb("/dev/ttyUSB0", "0001"), Usb("/dev/ttyUSB2", "7")]
    assert [port.twin for port in ports()] == ["/dev/ttyUSB1", "/dev/ttyUSB0", ""]


def test_adapters_without_a_number_are_no_twins(plugged: list[Usb]) -> None:
    plugged += [Usb("/dev/ttyUSB0"), Usb("/dev/ttyUSB1")]
    assert [port.twin for port in ports()] == ["", ""]


def test_the_only_port_is_chosen_and_of_several_one_has_to_be_named(plugged: list[Usb]) -> None:
    with pytest.raises(PortError, match="no serial port"):
        chosen(None)
    plugged.append(Usb("/dev/ttyUSB0"))
    assert chosen(None) == "/dev/ttyUSB0"
    assert chosen("/y.tty") == "/y.tty"
    plugged.append(Usb("/dev/ttyUSB1"))
    with pytest.raises(PortError, match="2 ports: /dev/ttyUSB0, /dev/ttyUSB1"):
        chosen(None)
