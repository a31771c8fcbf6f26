"""A line in, a line out: finds the command's file, and turns every mistake into a reason.

A command is a file of this package with `run(parts, request)`, imported while it is needed only.
`parts` has board, settings, instruments, probes, calibrations, ring, parameters, crash_log,
updates and the calls describe() and restart(); in safe mode what did not start is None.
"""

import json

COMMANDS = ("read", "calibrate", "selftest", "log", "config", "reset", "update")
MAX_LINE = 2048  # characters; an update's piece of 768 bytes takes 1100

R_NO_JSON = "no JSON object"
R_UNKNOWN = "unknown command"


def answer(parts, line):
    """As Service.take."""
    return Service(parts).take(line)


class Service:
    def __init__(self, parts):
        self._parts = parts

    def take(self, line):
        """The reply to a line, without its end; None for an empty line. Nothing escapes but power.

        {"ok": true, …} or {"ok": false, "reason": …}, with the request's "id" if it had one.
        """
        line = line.strip()
        if not line:
            return None
        request = _request(line)
        if request is None:
            return json.dumps({"ok": False, "reason": R_NO_JSON})
        reply = self._answer(request)
        if "id" in request:
            reply["id"] = request["id"]
        return json.dumps(reply)

    def _answer(self, request):
        name = request.get("do")
        if name not in COMMANDS:
            return {"ok": False, "reason": R_UNKNOWN, "known": COMMANDS}
        try:
            reply = _command(name)(self._parts, request)
        except ValueError as error:  # RequestError, ConfigError, CalibrationError
            return {"ok": False, "reason": str(error)}
        except OSError as error:
            return {"ok": False, "reason": "flash or bus: %s" % error}
        reply["ok"] = True
        return reply


def _command(name):
    module = __import__("xunhe_buoy.service." + name, None, None, ("run",))
    return module.run


def _request(line):
    """The object of a line; None where there is none."""
    if len(line) > MAX_LINE:
        return None
    try:
        request = json.loads(line)
    except (ValueError, RuntimeError):  # RuntimeError: nested deeper than the stack
        return None
    return request if isinstance(request, dict) else None
