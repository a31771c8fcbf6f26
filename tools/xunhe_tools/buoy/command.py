"""`xunhe buoy …`: the table of the technician's commands."""

import typer

from xunhe_tools.buoy.bundle_command import bundle, image_app, keys
from xunhe_tools.buoy.calibrate_command import calibrate
from xunhe_tools.buoy.console_command import console
from xunhe_tools.buoy.doctor_command import doctor
from xunhe_tools.buoy.flash_command import flash
from xunhe_tools.buoy.list_command import list_ports
from xunhe_tools.buoy.logs_command import logs
from xunhe_tools.buoy.provision_command import provision
from xunhe_tools.buoy.selftest_command import selftest
from xunhe_tools.buoy.update_command import update
from xunhe_tools.buoy.watch_command import watch

buoy_app = typer.Typer(
    help="技术员：烧录、配置、校准、自检浮标 / the technician: flash, provision, calibrate, test",
    no_args_is_help=True,
)

# In the order of a technician's day.
buoy_app.command("list")(list_ports)
buoy_app.command()(doctor)
buoy_app.command()(keys)
buoy_app.command()(bundle)
buoy_app.add_typer(image_app, name="image")
buoy_app.command()(flash)
buoy_app.command()(provision)
buoy_app.command()(selftest)
buoy_app.command()(calibrate)
buoy_app.command()(watch)
buoy_app.command()(logs)
buoy_app.command()(console)
buoy_app.command()(update)
