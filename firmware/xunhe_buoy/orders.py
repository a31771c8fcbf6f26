"""Commands from the gateway: each is taken once, remembered over any reset, and answered.

{"set": {name: value, …}}                    parameters.py
{"mode": "normal" | "storage"}
{"send": {"from": seq, "to": seq}}           raw values of stored records, raw_sender.py
{"update": manifest}, {"rotate": change}     update/updates.py
"""

from xunhe_buoy.checks import ConfigError

LONGEST = 200  # characters of a reason


def take(parts, content):
    """As Orders.take, with the parts of a buoy."""
    raw_sender = parts.raw_sender if "send" in content else None
    updates = parts.updates if "update" in content or "rotate" in content else None
    return Orders(parts.parameters, raw_sender, updates, parts.say).take(content)


class Orders:
    def __init__(self, parameters, raw_sender, updates, say):
        self._parameters = parameters
        self._raw_sender = raw_sender
        self._updates = updates
        self._say = say

    def take(self, content):
        """(ok, reason) to answer with, or None for a command that was taken before."""
        counter = content["counter"]
        if counter <= self._parameters.counter:
            return None
        try:
            ok, reason = self._do(counter, content)
        except ValueError as error:  # a ConfigError, perhaps of a module that was here before
            self._parameters.take(counter)
            ok, reason = False, str(error)
        except OSError as error:
            return False, "flash %s" % error  # not remembered: it may come again
        self._say("command n=%d %s" % (counter, "done" if ok else "refused"))
        return ok, None if reason is None else reason[:LONGEST]

    def _do(self, counter, content):
        changes = _changes(content)
        self._parameters.take(counter, changes)
        if changes is not None:
            return True, None
        if "send" in content:
            return self._send(content["send"])
        if "update" in content or "rotate" in content:
            return self._updates.command(content)
        raise ConfigError("no command is known among %s" % ", ".join(sorted(content)))

    def _send(self, wanted):
        first, last = (wanted.get(key) if isinstance(wanted, dict) else None for key in _RANGE)
        if not isinstance(first, int) or not isinstance(last, int):
            raise ConfigError("send: give from and to as sequence numbers")
        return self._raw_sender.begin(first, last)


_RANGE = ("from", "to")


def _changes(content):
    """The parameters that a command sets, or None where it is another kind of command."""
    if "mode" in content:
        return {"mode": content["mode"]}
    if "set" not in content:
        return None
    if not isinstance(content["set"], dict) or not content["set"]:
        raise ConfigError('set: give {"name": value, …}')
    return content["set"]
