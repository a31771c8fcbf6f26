"""`xunhe https`: makes and renews what HTTPS needs, without the internet."""

from pathlib import Path
from typing import Annotated

import typer

from xunhe.adapters.https import authority
from xunhe.adapters.https.names import found_names
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.domain.clock import SHANGHAI, SystemClock

_USUAL = Path("var/https")


def https(
    name: Annotated[
        list[str] | None,
        typer.Option(help="另加名称或地址 / a further name or address; may be repeated"),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="存放处，默认按设置 / where; by the settings if left out")
    ] = None,
    new_authority: Annotated[
        bool,
        typer.Option("--new-authority", help="重建证书机构，手机须重新接入 / phones enrol anew"),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不写 / writes nothing")] = False,
    config: ConfigOption = None,
) -> None:
    """本地证书机构与网关证书，再运行即更新 / a local authority and the certificate for HTTPS."""
    where = folder or settings_of(config).web.https or _USUAL
    now = SystemClock().now()
    try:
        made = authority.plan(
            where, found_names().with_more(name or []), now, new_authority=new_authority
        )
        if not dry_run:
            authority.carry_out(made, now)
    except (OSError, ValueError) as error:
        fail(f"{where}: {error}")
    _say(made, dry_run)


def _say(made: authority.Plan, is_dry_run: bool) -> None:
    typer.echo(f"目录 folder: {made.folder}")
    typer.echo(f"证书机构 authority: {made.authority.value}")
    typer.echo(f"网关证书 certificate: {made.server.value}")
    typer.echo(f"名称 names: {', '.join(made.names.hosts)}")
    typer.echo(f"地址 addresses: {', '.join(map(str, made.names.addresses))}")
    if is_dry_run:
        typer.echo("仅预览，未写入 / dry run: nothing was written")
        return
    shown = authority.read(made.folder / authority.AUTHORITY)
    end = authority.read(made.folder / authority.SERVER).not_valid_after_utc
    typer.echo(f"指纹 fingerprint (SHA-256): {authority.fingerprint(shown)}")
    typer.echo(f"有效至 valid until: {end.astimezone(SHANGHAI):%Y-%m-%d}")
    typer.echo(f'设置 settings: [web] https = "{made.folder}"')
