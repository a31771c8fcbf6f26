"""The boot number grows though the log or the file is lost, or the file holds nonsense."""

import pytest

from xunhe_buoy.bootcount import next_boot


@pytest.mark.parametrize(
    ("in_log", "in_file", "boot"),
    [
        (0, None, 1),
        (5, None, 6),
        (0, "7\n", 8),
        (9, "7\n", 10),
        (3, "", 4),
        (3, "rubbish", 4),
        (3, "99999999", 4),
        (3, "-4", 4),
        (0xFFFF, None, 0xFFFF),
    ],
)
def test_the_greater_witness_counts(tmp_path, in_log, in_file, boot):
    path = tmp_path / "boot"
    if in_file is not None:
        path.write_text(in_file)
    assert next_boot(in_log, str(path)) == boot
    assert path.read_text() == f"{boot}\n"
    assert not (tmp_path / "boot.new").exists()
