"""`xunhe sbom`."""

from pathlib import Path
from typing import Annotated

import typer

from xunhe.cli import fail


def sbom(
    out: Annotated[Path, typer.Argument(help="写到哪里 / where to")] = Path("xunhe.cdx.json"),
    extra: Annotated[
        list[str] | None, typer.Option(help="连同可选部分 / with an extra, such as scale")
    ] = None,
) -> None:
    """软件物料清单，CycloneDX 1.6 / the bill of materials of this installation."""
    try:
        from xunhe_tools.sbom.document import document  # noqa: PLC0415  only a release needs it
    except ImportError as error:
        fail(f"缺 {error.name}：pip install 'xunhe[sbom]' / {error.name} is not installed")
    out.write_text(document(extra or ()), "utf-8")
    typer.echo(f"已写 / written: {out}")
