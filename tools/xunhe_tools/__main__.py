"""`python -m xunhe_tools` is the command `xunhe`."""

from xunhe_tools.cli import main

main()
