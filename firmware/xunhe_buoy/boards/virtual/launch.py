"""Start a virtual buoy: `micropython -X heapsize=256k launch.py config.json`, or CPython's python3.

Puts the package and this board on sys.path; a real board has both in its file system.
"""

import sys

_HERE = __file__.rsplit("/", 1)[0] if "/" in __file__ else "."
sys.path.insert(0, _HERE + "/../../..")
sys.path.insert(0, _HERE)

from xunhe_buoy import main  # noqa: E402  (needs the path set above)
from xunhe_buoy.config import ConfigError  # noqa: E402

try:
    main.run()
except ConfigError as error:
    sys.exit("configuration: %s" % error)
