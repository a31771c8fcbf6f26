"""`xunhe buoy calibrate`: the wizard, and the same steps as options."""

from pathlib import Path
from typing import Annotated

import typer

from xunhe_buoy.chemistry import ATM_KPA
from xunhe_tools.buoy import calibrate_wizard as wizard
from xunhe_tools.buoy.calibrate import Task
from xunhe_tools.buoy.calibrate_stability import limits_of
from xunhe_tools.buoy.calibrate_standards import Surroundings
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.home import home
from xunhe_tools.buoy.port import chosen
from xunhe_tools.buoy.provision_gateway import (
    Account,
    CaOption,
    GatewayOption,
    PasswordOption,
    UserOption,
)
from xunhe_tools.buoy.screen import DryRunOption, JsonOption, PortOption, Screen, YesOption, outcome


def calibrate(
    probe: Annotated[str, typer.Argument(help="探头名，如 Y532@2 / the probe's name")] = "",
    standard: Annotated[
        list[str] | None,
        typer.Option(
            help="标准，可带批号，按次序 / a standard, with its lot, in order: 6.865:LOT, air, 1.0"
        ),
    ] = None,
    by: Annotated[str, typer.Option(envvar="XUNHE_TECHNICIAN", help="校准人 / who")] = "",
    quantity: Annotated[str, typer.Option(help="原始量，可省 / raw quantity; else the best")] = "",
    pressure_kpa: Annotated[float, typer.Option(help="气压 / the air's pressure")] = ATM_KPA,
    salinity_psu: Annotated[float, typer.Option(help="盐度 / salinity")] = 0.0,
    temp_c: Annotated[
        float | None, typer.Option(help="水温，探头不测时 / where no probe measures it")
    ] = None,
    readings: Annotated[int, typer.Option(min=3, help="稳定所需读数 / readings to be stable")] = 5,
    window_s: Annotated[float, typer.Option(min=0, help="稳定所需秒数 / seconds of it")] = 20.0,
    patience_s: Annotated[float, typer.Option(min=1, help="每点最多等 / at most a point")] = 600.0,
    due_days: Annotated[int | None, typer.Option(min=1, help="几天后再校 / next due in")] = None,
    folder: Annotated[Path | None, typer.Option(help="证书目录 / folder of certificates")] = None,
    gateway: GatewayOption = None,
    user: UserOption = "",
    password_file: PasswordOption = None,
    gateway_ca: CaOption = None,
    show: Annotated[bool, typer.Option("--show", help="只看现有校准 / what holds now")] = False,
    port: PortOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """校准探头：标液、稳定判断、证书 / calibrate a probe: standards, stability, certificate."""
    screen = Screen(as_json=as_json, asks=not yes)
    place = folder or home() / "certificates"
    account = Account(gateway, user, password_file, gateway_ca) if gateway else None
    with outcome(screen):
        with Console(chosen(port)) as buoy:
            if show:
                wizard.show(screen, buoy, probe, place)
                return
            screen.title("校准探头", "Calibrate a probe")
            buoy.greet()
            raw = wizard.first_reading(buoy)
            probe = probe or wizard.ask_probe(screen, raw)
            found = quantity or wizard.quantity_of(raw, probe)
            task = Task(
                probe,
                found,
                by or wizard.ask_person(screen),
                limits_of(found, readings, window_s),
                Surroundings(pressure_kpa, salinity_psu),
                temp_c,
                patience_s,
                due_days,
            )
            standards = wizard.standards_of(screen, task, standard or [])
            if dry_run:
                wizard.plan(screen, task, standards)
                return
            made = wizard.calibrate(screen, buoy, task, standards)
        wizard.hand_over(screen, made, place, account)
