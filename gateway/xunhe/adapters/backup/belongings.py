"""What a gateway's data are and where they lie, by its settings.

Left out on purpose: recordings (the store says how long each is, and begins another where it is
gone), map tiles (bought or made elsewhere), earlier backups.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xunhe.adapters.store.address import file_at, is_file
from xunhe.adapters.whole_file import PART
from xunhe.settings import Settings

DATABASE, EVIDENCE, SETTINGS = "database", "evidence", "settings"
_DUMP = Path("xunhe.pgdump")


@dataclass(frozen=True, slots=True)
class Belonging:
    """A file or a folder; `name` is its folder inside a backup.

    `address`: of a server's database, which has no file of its own: `path` names its dump then.
    """

    name: str
    path: Path
    is_folder: bool
    zh: str
    address: str = ""

    def files(self) -> Iterator[Path]:
        """Every file of it that is there, unfinished ones left out."""
        if not self.is_folder:
            yield from (path for path in (self.path,) if path.is_file())
            return
        for path in sorted(self.path.rglob("*")):
            if path.is_file() and not path.name.startswith(PART):
                yield path

    def member(self, path: Path) -> str:
        """The name inside a backup of one of its files."""
        within = path.relative_to(self.path) if self.is_folder else Path(path.name)
        return f"{self.name}/{within.as_posix()}"


def belongings(settings: Settings, settings_file: Path | None) -> list[Belonging]:
    """All of a gateway with these settings, the database and the evidence included."""
    files = (
        (SETTINGS, settings_file, "设置"),
        ("rules", settings.rules.file, "规则"),
        ("outward", settings.outward.file, "对外链路"),
        ("calendar", settings.desk.calendar, "工作日历"),
        ("points", settings.citizens.points_rules, "绿水币规则"),
        ("debris-model", settings.vision.debris_model, "漂浮物模型"),
        ("discharge-model", settings.vision.discharge_model, "排放模型"),
    )
    folders = (
        (EVIDENCE, settings.vision.evidence, "证据"),
        ("registry", settings.registry.folder, "登记册"),
        ("heads", settings.desk.head_folder, "日志头"),
        ("packages", settings.documents.packages, "证据包"),
        ("releases", settings.releases.folder, "固件发布包"),
        ("https", settings.web.https, "证书"),
        ("broker", settings.mqtt.secured, "消息代理的证书"),
    )
    found = [_database(settings.store.database)]
    found += [Belonging(name, path, False, zh) for name, path, zh in files if path is not None]
    found += [Belonging(name, path, True, zh) for name, path, zh in folders if path is not None]
    return found


def _database(address: Path | str) -> Belonging:
    if is_file(address):
        return Belonging(DATABASE, file_at(address), False, "数据库")
    return Belonging(DATABASE, _DUMP, False, "数据库", str(address))
