"""`xunhe rules …` and `xunhe replay`."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from xunhe.adapters import registry_file, rules_file
from xunhe.adapters.recording_lines import RecordingError
from xunhe.adapters.replay import Recording, alerts, read, replay
from xunhe.adapters.store.database import Database
from xunhe.alerts.explain import explained
from xunhe.alerts.rulebook import RuleBook
from xunhe.cli import ConfigOption, fail, settings_of
from xunhe.domain.registry import Registry, RegistryError
from xunhe.settings import Settings, SettingsError

rules_app = typer.Typer(help="预警规则 / the rules", no_args_is_help=True)

RulesArgument = Annotated[
    Path, typer.Argument(help="规则文件，只写不同之处 / rule file with what differs")
]
RecordingArgument = Annotated[Path, typer.Argument(help="记录 / recording", exists=True)]
RegistryOption = Annotated[
    Path | None, typer.Option("--registry", help="当时的登记册 / the registry of that time")
]


@rules_app.command("check")
def check(rules: RulesArgument) -> None:
    """检查规则文件，列出全部问题 / check a rule file and list everything wrong with it."""
    book = _rules(rules)
    active = sum(rule.enabled for rule in book.rules.values())
    typer.echo(f"{active} 条规则 rules, {len(book.inhibits)} 条抑制 inhibitions")


@rules_app.command("explain")
def explain(
    rules: Annotated[Path | None, typer.Argument(help="规则文件 / rule file")] = None,
    config: ConfigOption = None,
) -> None:
    """用文字说明生效的规则 / say in words what the rules do."""
    book = _rules(rules if rules is not None else settings_of(config).rules.file)
    for name, words in explained(book):
        typer.echo(f"{name}\n    {words.zh}\n    {words.en}")


@rules_app.command("try")
def try_rules(
    rules: RulesArgument,
    recording: RecordingArgument,
    registry: RegistryOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """说明改过的规则在记录上会多报、少报什么 / what changed rules would have raised."""
    played, river = _read(recording), _registry(registry, settings_of(config))
    before = _replayed(played, river, played.rules)
    after = _replayed(played, river, _rules(rules))
    gone, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
    if as_json:
        typer.echo(json.dumps(_difference(before, after, gone, new), ensure_ascii=False))
        return
    typer.echo(f"原规则 as recorded: {len(before)}，改后 changed: {len(after)}")
    for sign, lines in (("-", gone), ("+", new)):
        for line in lines.elements():
            typer.echo(f"{sign} {_told(line)}")


def replay_command(
    recording: RecordingArgument,
    registry: RegistryOption = None,
    config: ConfigOption = None,
    against: Annotated[
        Path | None, typer.Option(help="与此数据库中的警报逐字节比较 / compare with this database")
    ] = None,
) -> None:
    """重放记录，得到逐字节相同的警报 / play a recording again: the same alerts byte for byte."""
    played = _read(recording)
    lines = _replayed(played, _registry(registry, settings_of(config)), played.rules)
    if against is None:
        for line in lines:
            typer.echo(line)
        return
    database = Database(against)
    with database.read() as connection:
        stored = list(alerts(connection, played.begins_at))
    database.close()
    if lines != stored:
        fail(
            f"警报不同：重放 {len(lines)} 条，库中 {len(stored)} 条 / the alerts differ:"
            f" replayed {len(lines)}, stored {len(stored)}"
        )
    typer.echo(f"相同 the same: {len(lines)} 条警报 alerts")


def _replayed(recording: Recording, registry: Registry, rules: RuleBook) -> list[str]:
    try:
        return replay(recording, registry, rules)
    except RecordingError as error:
        _stop(error)


def _difference(
    before: list[str], after: list[str], gone: Counter[str], new: Counter[str]
) -> dict[str, object]:
    return {
        "recorded": len(before),
        "changed": len(after),
        "gone": [json.loads(line) for line in gone.elements()],
        "new": [json.loads(line) for line in new.elements()],
    }


def _told(line: str) -> str:
    alert = json.loads(line)
    return f"{alert['started_at']} {alert['station']} {alert['rule']}: {alert['reason_zh']}"


def _read(path: Path) -> Recording:
    try:
        return read(path)
    except (RecordingError, SettingsError) as error:
        _stop(error)


def _rules(path: Path | None) -> RuleBook:
    try:
        return rules_file.load(path)
    except SettingsError as error:
        _stop(error)


def _registry(folder: Path | None, settings: Settings) -> Registry:
    try:
        return registry_file.load(folder or settings.registry.folder)
    except RegistryError as error:
        _stop(error)


def _stop(error: Exception) -> NoReturn:
    fail(str(error))
