"""Any Modbus instrument whose register table stands in the configuration: level and flow meters.

Makers of outfall meters agree on nothing, so the table is read from the instrument's manual:

    {"model": "modbus", "role": "outfall", "address": 9, "baud": 9600, "function": 3,
     "registers": [{"register": 0, "type": "float", "quantity": "level_m"},
                   {"register": 4, "type": "u16", "quantity": "flow_l_s", "divisor": 10}]}
"""

from xunhe_buoy.drivers.probe import Times
from xunhe_buoy.drivers.registers import Model, RegisterProbe

_REPLY_MS = 500  # unknown instruments get more patience than probes; to be confirmed for each

# type → (struct format, registers)
TYPES = {
    "float": (">f", 2),
    "float-little": ("<f", 2),
    "u16": (">H", 1),
    "s16": (">h", 1),
    "u32": (">I", 2),
    "s32": (">i", 2),
}


def model_of(entry):
    """The Model that a configuration's table describes: one read a field, since gaps may refuse."""
    reads = []
    for row in entry["registers"]:
        form, count = TYPES[row["type"]]
        field = (0, form, row["quantity"], row.get("divisor", 1))
        reads.append((row["register"], count, (field,)))
    times = Times(entry["warm_up_ms"], entry["stabilise_ms"], entry["measure_ms"])
    return Model(entry["role"], times, tuple(reads), function=entry["function"], reply_ms=_REPLY_MS)


def build(entry, buses, settings):
    model = model_of(entry)
    return RegisterProbe(entry, model, buses.slave(entry, model))
