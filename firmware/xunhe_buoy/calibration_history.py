"""Calibrations that were replaced: one small file, whole or old; the oldest go when it is full.

With those in force (calibration.py) this is all that was ever saved, as far back as it reaches.
"""

import json

from xunhe_boot import disk, files


def replaced(path):
    """[{"probe": …, and a calibration as it stood in force}, …], oldest first."""
    data = files.read(disk, path)
    try:
        rows = [] if data is None else json.loads(str(data, "utf-8"))
    except ValueError:
        return []  # what makes no sense is treated as absent, as calibrations are
    return rows if isinstance(rows, list) else []


def keep(path, probe, calibration):
    """Remember a calibration that is about to be replaced; once, however often it is tried."""
    row = calibration.to_json()
    row["probe"] = probe
    row["points"] = [list(point) for point in row["points"]]
    rows = replaced(path)
    if row in rows:
        return
    rows.append(row)
    data = json.dumps(rows).encode()
    while len(data) > files.LIMIT:
        del rows[0]
        data = json.dumps(rows).encode()
    files.replace(disk, path, data)
