"""`xunhe registry import`, `export`, `codes` and `remove-person`."""

from pathlib import Path
from typing import Annotated

import typer

from xunhe.cli import ConfigOption, fail
from xunhe_tools.registry.form import Encoding, Form

FolderArgument = Annotated[Path, typer.Argument(help="登记册目录 / the registry's folder")]
ApplyOption = Annotated[
    bool, typer.Option("--apply", help="写入；不写则只试算 / write: without it, nothing is changed")
]
GcjOption = Annotated[
    bool, typer.Option("--gcj02", help="坐标为 GCJ-02（国内地图）/ positions are GCJ-02")
]


def import_tables(
    folder: FolderArgument,
    files: Annotated[
        list[Path], typer.Argument(help="CSV、Excel 或 GeoJSON，可多个 / files, one or more")
    ],
    kind: Annotated[
        str | None, typer.Option(help="CSV 是哪种表，如 outfall / which table a CSV is")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="以文件为全表，缺的行删除 / rows that the files lack go")
    ] = False,
    gcj02: GcjOption = False,
    apply: ApplyOption = False,
    config: ConfigOption = None,
) -> None:
    """导入表格，有错则全不导入 / take tables in, all or nothing; dry without --apply."""
    from xunhe.adapters.registry_tables.sheet import TableError  # noqa: PLC0415
    from xunhe.domain.registry import RegistryError  # noqa: PLC0415
    from xunhe_tools.registry.job import import_files  # noqa: PLC0415

    try:
        report = import_files(folder, files, kind, whole, gcj02, config, is_dry=not apply)
    except (RegistryError, TableError) as error:
        fail(str(error))
    for line in report.lines:
        typer.echo(line)
    if report.problems:
        fail("\n".join(report.problems))


def export_tables(
    folder: FolderArgument,
    out: Annotated[Path, typer.Argument(help="新文件；CSV 为目录 / a new file, a folder for CSV")],
    form: Annotated[Form, typer.Option("--format", help="格式 / format")] = Form.XLSX,
    encoding: Annotated[Encoding, typer.Option(help="CSV 的编码 / of CSV")] = Encoding.UTF_8,
    gcj02: GcjOption = False,
) -> None:
    """导出为表格 / write the registry as tables."""
    from xunhe.adapters.registry_tables.sheet import TableError  # noqa: PLC0415
    from xunhe.domain.registry import RegistryError  # noqa: PLC0415
    from xunhe_tools.registry.job import export_files  # noqa: PLC0415

    try:
        written = export_files(folder, out, form, encoding, gcj02)
    except (RegistryError, TableError) as error:
        fail(str(error))
    for path in written:
        typer.echo(f"已导出 / written: {path}")


def give_codes(
    folder: FolderArgument,
    division: Annotated[
        str, typer.Option(help="县级行政区划代码，6 位 / six digits of the county (GB/T 2260)")
    ],
    apply: ApplyOption = False,
) -> None:
    """按 DB34/T 3735.1 为河流、河段、水库编码 / official codes for what has none."""
    from xunhe.domain.codes import CodeError  # noqa: PLC0415
    from xunhe.domain.registry import RegistryError  # noqa: PLC0415
    from xunhe_tools.registry.job import code_waters  # noqa: PLC0415

    try:
        given = code_waters(folder, division, is_dry=not apply)
    except (RegistryError, CodeError) as error:
        fail(str(error))
    for code, official in given.items():
        typer.echo(f"{code}  {official}")
    typer.echo(f"{'已编码' if apply else '试算'} / {'coded' if apply else 'dry run'}: {len(given)}")


def remove_person(
    folder: FolderArgument,
    person: Annotated[str, typer.Argument(help="人员编码 / code of the person")],
    config: ConfigOption = None,
) -> None:
    """删除人员；在任者须先交接 / take a person out, unless they hold a post."""
    from xunhe.domain.registry import RegistryError  # noqa: PLC0415
    from xunhe_tools.registry.job import take_out  # noqa: PLC0415

    try:
        take_out(folder, person, config)
    except RegistryError as error:
        fail(str(error))
    typer.echo(f"已删除 / removed: {person}")
