"""The command `xunhe`: the gateway's commands and the tools'."""

import gc
import sys

from xunhe.adapters.store.address import AddressError
from xunhe.cli import app, desk_app, err, registry_app
from xunhe_tools.backup.command import backup, backup_key, restore, rollback
from xunhe_tools.bench.command import bench_app
from xunhe_tools.broker.command import broker_app
from xunhe_tools.buoy.command import buoy_app
from xunhe_tools.cameras.command import cameras_app
from xunhe_tools.demo.command import demo
from xunhe_tools.detect.command import detect
from xunhe_tools.doctor import doctor
from xunhe_tools.export.command import export
from xunhe_tools.hardware.command import hardware_app
from xunhe_tools.hj212.command import hj212_app
from xunhe_tools.https.command import https
from xunhe_tools.link.command import link_app
from xunhe_tools.model.command import model
from xunhe_tools.patrol.command import patrol_app
from xunhe_tools.province.command import province
from xunhe_tools.province.evidence_command import take_evidence_in
from xunhe_tools.registry import command as registry
from xunhe_tools.rules.command import replay_command, rules_app
from xunhe_tools.sbom.command import sbom
from xunhe_tools.silence.command import silence_app
from xunhe_tools.sl651.command import sl651_app
from xunhe_tools.supervision import command as supervision
from xunhe_tools.virtual_board.command import virtual_board
from xunhe_tools.watch.command import watch
from xunhe_tools.water.command import water_app

app.command()(backup)
app.command("backup-key")(backup_key)
app.command()(restore)
app.command()(rollback)
app.command()(demo)
app.command()(detect)
app.command()(doctor)
app.command()(export)
app.command()(virtual_board)
app.command()(https)
app.command()(sbom)
app.command()(province)
app.command()(watch)
app.command("replay")(replay_command)
app.add_typer(bench_app, name="bench")
app.add_typer(broker_app, name="broker")
app.add_typer(buoy_app, name="buoy")
app.add_typer(cameras_app, name="cameras")
app.add_typer(hardware_app, name="hardware")
app.add_typer(hj212_app, name="hj212")
app.add_typer(link_app, name="link")
app.add_typer(patrol_app, name="patrol")
app.add_typer(rules_app, name="rules")
app.add_typer(silence_app, name="silence")
app.add_typer(sl651_app, name="sl651")
app.add_typer(model, name="model")
app.add_typer(water_app, name="water")
registry_app.command("import")(registry.import_tables)
registry_app.command("export")(registry.export_tables)
registry_app.command("codes")(registry.give_codes)
registry_app.command("remove-person")(registry.remove_person)

desk_app.command("lights")(supervision.lights)
desk_app.command("circular")(supervision.circular)
desk_app.command("scores")(supervision.scores)
desk_app.command("report")(supervision.report)
desk_app.command("lookback")(supervision.lookback)
desk_app.command("evidence")(take_evidence_in)


def main() -> None:
    """Entry point. A store that is not there is no fault of the program."""
    gc.freeze()  # what is imported lives to the end: going through it there takes a second
    try:
        app()
    except AddressError as error:
        err.print(f"错误 / error: {error}", markup=False, soft_wrap=True)
        sys.exit(2)
