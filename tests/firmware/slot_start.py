"""What boot.py and launch.py do, with a firmware of two lines: `slot_start.py FIRMWARE FOLDER`.

FOLDER holds factory/xunhe_buoy and bundles named by their release. Says which copy ran.
"""

import sys

FIRMWARE, FOLDER = sys.argv[1], sys.argv[2]
sys.path.insert(0, FIRMWARE)

from xunhe_boot import disk, files, start  # noqa: E402

SLOTS = FOLDER + "/slots"


def stage(release):
    """Unpack a bundle into the spare slot as the installer does, then ask for its trial."""
    sys.path.insert(0, FIRMWARE)
    from xunhe_boot.slots import Slots
    from xunhe_buoy.update.bundle import Unpacker

    slots = Slots(disk, SLOTS)
    files.make_folder(disk, SLOTS)
    unpacker = Unpacker(disk, FOLDER + "/" + release, slots.folder(slots.spare))
    unpacker.begin()
    while unpacker.step():
        pass
    slots.switch(int(release))
    print("staged", release, disk.free_bytes(SLOTS) > 0)


if len(sys.argv) > 3:
    stage(sys.argv[3])
else:
    start.run(SLOTS, FOLDER + "/factory", "virtual", lambda: sys.exit(44), lambda: print("guard"))
