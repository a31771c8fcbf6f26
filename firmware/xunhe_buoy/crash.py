"""The one place that catches everything: write the crash log, start anew; safe mode in the end."""

import io
import sys

SPEECHLESS = "MemoryError"  # kept where there is no room for a traceback


def guard(board, settings, crash_log, normal, say):
    """Run `normal(settings, crash_log)`, or safe mode after crashes in a row; never returns."""
    if board.reset_reason() == "watchdog":
        _keep(crash_log, "the watchdog bit", say)
    try:
        if crash_log.asks_for_safety:
            from xunhe_buoy.safe_mode import SafeMode

            SafeMode(board, settings, crash_log, say).run()
        else:
            normal(settings, crash_log).run()
    except Exception as error:  # noqa: BLE001 (nobody else would mend a buoy)
        try:
            _tell(error, crash_log, say)
        finally:  # a heap that is full must not keep the board from starting anew
            board.reset()
    board.reset()


def _tell(error, crash_log, say):
    try:
        say("crash %r" % error)
        _keep(crash_log, describe(error), say)
    except MemoryError:
        _keep(crash_log, SPEECHLESS, say)


def _keep(crash_log, text, say):
    try:
        crash_log.add(text)
    except OSError as error:  # a medium that fails must not keep the board from starting anew
        say("crash log %s" % error)


def describe(error):
    """The traceback as text."""
    if not hasattr(sys, "print_exception"):  # CPython
        import traceback

        return "".join(traceback.format_exception(error))
    buf = io.StringIO()
    sys.print_exception(error, buf)
    return buf.getvalue()
