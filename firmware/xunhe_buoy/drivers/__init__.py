"""Drivers, one file a chip or probe family; the bus is injected, a probe is configuration.

Only the families that a configuration names are imported: a buoy's heap holds no others.
"""

# model → the module of its family
FAMILIES = {
    "Y504": "yosemitech",
    "Y532": "yosemitech",
    "Y560": "yosemitech",
    "RS-LDO": "renke",
    "RS-PH": "renke",
    "S-pH-01": "seeed",
    "modbus": "register_map",
    "EZO-DO": "atlas_ezo",
    "EZO-pH": "atlas_ezo",
    "DS18B20": "ds18b20",
}


def build(board, settings):
    """The probes of the checked settings, in their order; ConfigError where two share a role."""
    buses = Buses(board)
    probes = [family(entry["model"]).build(entry, buses, settings) for entry in settings.probes]
    if len({probe.role for probe in probes}) != len(probes):
        from xunhe_buoy.checks import ConfigError

        raise ConfigError("probes: two probes serve one channel; a record has place for one")
    return probes


def family(model):
    """The module that drives a model: MODELS, and `build(entry, buses, settings)` → probe."""
    name = "xunhe_buoy.drivers." + FAMILIES[model]
    return __import__(name, None, None, ("build",))


class Buses:
    """The board's buses, each opened when the first probe asks for it."""

    def __init__(self, board):
        self.board = board
        self._master = None
        self._i2c = None
        self._onewire = None

    def slave(self, entry, model):
        """The Modbus slave of a probe, at its own baud rate."""
        from xunhe_buoy.modbus_master import Master, Slave

        if self._master is None:
            self._master = Master(lambda baud: self.board.uart("probes", baud), self.board)
        baud = entry.get("baud", model.baud)
        return Slave(self._master, entry["address"], baud, model.reply_ms)

    def i2c(self):
        if self._i2c is None:
            self._i2c = self.board.i2c()
        return self._i2c

    def onewire(self):
        if self._onewire is None:
            self._onewire = self.board.onewire()
        return self._onewire
