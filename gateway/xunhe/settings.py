"""Settings: one TOML file, a section for each part that needs one. Nobody receives the whole.

An unknown key is an error that names the nearest valid one.
"""

import difflib
import tomllib
from collections.abc import Iterable
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Port = Annotated[int, Field(ge=0, le=65535)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Day = Annotated[int, Field(ge=1, le=28)]  # every month has it


Checked = TypeVar("Checked", bound=BaseModel)


class SettingsError(ValueError):
    """What is wrong with the settings file, one sentence a problem."""


class Section(BaseModel):
    """A table of a TOML file: every key is known, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(Section):
    """Where the data lie: the path of an SQLite file, or postgresql://user@host/name."""

    database: str = "var/xunhe.sqlite3"


class StreamSettings(Section):
    """Where desk workers take what the gateways of a province send: a NATS JetStream cluster
    (`nats`, its nodes' addresses), or one broker with shared subscriptions (`mqtt_host`)."""

    nats: tuple[str, ...] = ()
    replicas: Annotated[int, Field(ge=1, le=5)] = 3
    mqtt_host: str | None = None
    mqtt_port: Port = 1883
    user: str | None = None
    password: str | None = Field(default=None, repr=False)
    tls: bool = False
    ca: Path | None = None
    batch: Annotated[int, Field(ge=1, le=1000)] = 250  # parcels a transaction


class RegistrySettings(Section):
    """Where the registry lies: `reaches.geojson` and `duty.toml`."""

    folder: Path = Path("registry")


class MqttSettings(Section):
    """The broker that buoys speak to. `embedded` runs one inside this process.

    `secured`: the folder of `xunhe broker configure`; then TLS and topic rights are in force.
    `readers`: programs that may read values, name → hash (`xunhe broker reader`).
    """

    embedded: bool = True
    host: str = "127.0.0.1"
    port: Port = 1883
    user: str | None = None
    password: str | None = Field(default=None, repr=False)
    secured: Path | None = None
    readers: dict[str, str] = Field(default={}, repr=False)


class RadioPortSettings(Section):
    """A transparent radio on a serial port; `air_bps` as the module is set, `duty_permille` as
    the band's rules allow."""

    port: str
    baud: Annotated[int, Field(ge=1200, le=115200)] = 9600
    air_bps: Annotated[int, Field(ge=100, le=250_000)] = 2400
    duty_permille: Annotated[int, Field(ge=1, le=1000)] = 10


class RadioSettings(Section):
    """Radios for buoys without MQTT; none unless told."""

    ports: tuple[RadioPortSettings, ...] = ()


class WebSettings(Section):
    """The console. It listens on this machine only unless told otherwise."""

    host: str = "127.0.0.1"
    port: Port = 8080
    read_without_login: bool = False  # the demo's virtual river has nothing to hide
    read_token: str | None = Field(default=None, min_length=16, repr=False)
    map_tiles: Path | None = None  # an MBTiles file to lie below the map
    session_hours: Positive = 12
    https: Path | None = None  # the folder that `xunhe https` made; left out: HTTP
    enrol_port: Port = 8081  # where phones fetch the authority, in the clear


class ReleasesSettings(Section):
    """Releases of the buoys' firmware: `<number>.json` and `<number>.bundle`."""

    folder: Path = Path("releases")


class ClockSettings(Section):
    """A river whose time runs `factor` times as fast; left out, the machine's own time counts."""

    wall_s: float
    river_s: float
    factor: Annotated[float, Field(ge=1, le=1000)]


class RuleSettings(Section):
    """Where the rules stand: `file` changes the shipped ones, `recording` takes all down."""

    file: Path | None = None
    recording: Path | None = None
    # Of one file; then another is begun, which begins with a state of some MiB.
    recording_mib: Annotated[float, Field(ge=32)] = 256
    recordings_kept: Count = 4  # beside the one that is being written


class VisionSettings(Section):
    """Cameras. Durations are in the cameras' time."""

    enabled: bool = True
    workers: Annotated[int, Field(ge=0)] = 0  # processes; 0: as many as cores
    debris_model: Path | None = None  # a site's own, made by `xunhe model adapt`
    discharge_model: Path | None = None
    gate_width_px: Annotated[int, Field(ge=160, le=960)] = 480
    scan_every_s: Positive = 20
    detect_fps: Positive = 5
    confirm_frames: Annotated[int, Field(ge=1)] = 3
    dwell_s: Positive = 3
    lost_after_s: Positive = 6
    gone_after_s: Positive = 60
    night_luma: Annotated[float, Field(ge=0, le=255)] = 25
    blind_after_s: Positive = 20
    outfall_every_s: Positive = 1
    outfall_hold_s: Positive = 5
    outfall_clear_s: Positive = 30
    stalled_after_s: Positive = 10
    pre_roll_s: Positive = 6
    post_roll_s: Positive = 4
    evidence: Path = Path("var/evidence")
    evidence_budget_mib: Positive = 2048


class ScoreSettings(Section):
    """Points of scores; what takes points is a positive number too. See `desk/scores.py`."""

    base: NotNegative = 100
    red: NotNegative = 2
    yellow: NotNegative = 1
    free_yellows: Count = 2
    difficult_green: NotNegative = 2
    repeat_reports: NotNegative = 1
    repeat_reports_from: Annotated[int, Field(ge=1)] = 3
    grade_fair: NotNegative = 1
    grade_ordinary: NotNegative = 3
    water_worse: NotNegative = 1
    water_better: NotNegative = 5
    patrol_missing: NotNegative = 0.5
    problem_missed: NotNegative = 0.5


class PatrolRule(Section):
    """What one level of chiefs owes. `apart_h`: from a patrol that counts to the next that can;
    `least_seen`: the share of the reach that a drone or a dome camera must show."""

    times: Count = 1
    every: Literal["week", "month", "quarter"] = "month"
    least_minutes: NotNegative = 5
    least_m: NotNegative = 300
    least_seen: Annotated[float, Field(ge=0, le=1)] = 0.5
    apart_h: NotNegative = 0


class PatrolSettings(Section):
    """Patrols (巡河) that each level owes; which of them count."""

    city: PatrolRule = PatrolRule(every="quarter")
    district: PatrolRule = PatrolRule(every="quarter")
    township: PatrolRule = PatrolRule(every="month")
    village: PatrolRule = PatrolRule(every="week")
    missed_days: Positive = 7


class SupervisionSettings(Section):
    """Lights, circulars, look-back and reports. Days are days of a month, Asia/Shanghai."""

    circular_day: Day = 1
    tolerance: Annotated[float, Field(ge=0, lt=1)] = 0.1
    in_hands_by: Annotated[float, Field(gt=0, le=1)] = 0.3
    handled_by: Annotated[float, Field(gt=0, le=1)] = 0.8
    ladder: tuple[str, ...] = ("提醒", "约谈", "通报", "追责")
    lookback_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    lookback_least: Count = 10
    lookback_seed: int = 1
    ledger_last_day: Day = 25  # this day still counts
    ledger_reminder_day: Day = 20
    report_day: Day = 1
    report_hour: Annotated[int, Field(ge=0, le=23)] = 18
    yearly_report_day: Day = 1  # of November: before it
    water_least_months: Annotated[int, Field(ge=1, le=12)] = 9
    water_factors: tuple[str, ...] = ("nh3n_mg_l", "tp_mg_l", "codmn_mg_l")
    scores: ScoreSettings = ScoreSettings()
    patrols: PatrolSettings = PatrolSettings()


class MailSettings(Section):
    """Where mail goes out: an SMTP server that takes it from this machine."""

    host: str
    port: Port = 25
    sender: str
    to: tuple[str, ...]
    user: str | None = None
    password: str | None = Field(default=None, repr=False)
    starttls: bool = False


class DeskSettings(Section):
    """Deadlines and times of the duty desk. Days are days of work where the name says so."""

    hours: Positive = 72  # of a ticket that a person opens
    working_days: dict[str, Annotated[int, Field(ge=1)]] = {"facility": 3, "board": 15}
    closes_at: time = time(18, 0)
    calendar: Path | None = None  # days that differ from the published ones
    watch_hours: Positive = 6
    recurrence_days: Positive = 30
    archive_days: Positive = 120
    head_folder: Path = Path("var/desk-head")
    head_mail: MailSettings | None = None


class DocumentSettings(Section):
    """Papers: who issues them, and what sign boards and evidence packages say and where they go."""

    office: str = "河长制办公室"
    office_short: str = "河长办"  # before a number: 河长办交〔2026〕1号
    hotline: str = ""  # of sign boards that name none of their own
    public_url: str = "http://127.0.0.1:8080"  # where citizens reach this gateway: the QR codes
    packages: Path = Path("var/packages")

    def ticket_url(self, ticket_id: int) -> str:
        """Where the page of a ticket is, from outside."""
        return f"{self.public_url.rstrip('/')}/tickets/{ticket_id}"

    def runbook_url(self, alarm: str) -> str:
        """Where the runbook says what to do about an alarm of the gateway."""
        return f"{self.public_url.rstrip('/')}/runbook#{alarm}"


class CitizenSettings(Section):
    """Reports of citizens (群众举报) and their points (绿水币)."""

    join_m: Positive = 250
    reach_m: Positive = 1000
    verify_hours: Positive = 24
    reports_an_hour: Annotated[int, Field(ge=1)] = 6  # from one address
    work_bits: Annotated[int, Field(ge=0, le=24)] = 15  # proof of work of a report; 0: none
    points_rules: Path | None = None  # TOML; left out: the shipped ones


class LiveDroneSettings(Section):
    """A drone whose stream and whose MAVLink come in while it flies.

    `delay_s`: how much later its pictures come in than its positions; `width_m` of
    the river where the registry has no polygon of its water.
    """

    code: str = Field(pattern=r"^[\w.-]+$")
    name: str
    name_en: str = ""
    reach: str
    url: str = Field(repr=False)  # rtsp:// or rtmp://; it may hold a password
    mavlink_host: str = "0.0.0.0"  # noqa: S104  ground stations forward to this machine
    mavlink_port: Port = 14550
    fov_deg: Annotated[float, Field(gt=10, lt=170)] = 73.7
    pitch_deg: Annotated[float, Field(ge=-90, le=0)] = -90
    delay_s: NotNegative = 0.6
    width_m: Positive = 60


class DroneSettings(Section):
    """Drones that are watched while they fly; none unless told."""

    live: tuple[LiveDroneSettings, ...] = ()


class UpsSettings(Section):
    """The gateway's own supply, asked through a NUT server; not watched without `host`."""

    host: str | None = None
    port: Port = 3493
    name: str = Field(default="ups", pattern=r"^[\w.-]+$")
    every_s: Positive = 10
    stop_percent: Annotated[float, Field(gt=0, le=100)] = 40
    lost_s: Positive = 60


Level = Literal["debug", "info", "warning", "error"]


class LogSettings(Section):
    """What the program says of itself; `levels` by logger, such as `xunhe.adapters.mqtt`."""

    level: Level = "info"
    levels: dict[str, Level] = {}


class BackupSettings(Section):
    """Where `xunhe backup` puts its files, who can open them, how many stay."""

    folder: Path = Path("var/backups")
    recipient: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    kept: Annotated[int, Field(ge=2)] = 14
    late_hours: Positive = 30  # the newest is older: an alarm


class RetentionSettings(Section):
    """How long what grows without end is kept, in days of river time; left out: for ever.

    Tickets, the desk's log, incidents, alerts, papers and calibrations are always kept.
    """

    readings_days: Annotated[int, Field(ge=800)] | None = None  # comparisons read the year before
    events_days: Annotated[int, Field(ge=7)] = 90
    decisions_days: Annotated[int, Field(ge=30)] = 730
    reports_days: Annotated[int, Field(ge=90)] = 1100
    looks_days: Annotated[int, Field(ge=183)] = 1100  # 网络安全法第二十一条: at least six months


class OutwardSettings(Section):
    """Where the file of what leaves this gateway lies: links, channels, recipients. Private."""

    file: Path | None = None


class Settings(Section):
    """The whole file; `app.py` hands out the sections."""

    store: StoreSettings = StoreSettings()
    stream: StreamSettings = StreamSettings()
    registry: RegistrySettings = RegistrySettings()
    mqtt: MqttSettings = MqttSettings()
    radio: RadioSettings = RadioSettings()
    web: WebSettings = WebSettings()
    rules: RuleSettings = RuleSettings()
    vision: VisionSettings = VisionSettings()
    drones: DroneSettings = DroneSettings()
    releases: ReleasesSettings = ReleasesSettings()
    supervision: SupervisionSettings = SupervisionSettings()
    desk: DeskSettings = DeskSettings()
    documents: DocumentSettings = DocumentSettings()
    citizens: CitizenSettings = CitizenSettings()
    ups: UpsSettings = UpsSettings()
    outward: OutwardSettings = OutwardSettings()
    backup: BackupSettings = BackupSettings()
    retention: RetentionSettings = RetentionSettings()
    log: LogSettings = LogSettings()
    clock: ClockSettings | None = None


def load(path: Path) -> Settings:
    """The settings in a TOML file. Raises SettingsError with every problem and its next step."""
    return checked(Settings, read_toml(path), str(path))


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says. Raises SettingsError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path} does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}") from error


def checked(model: type[Checked], data: Any, source: str, within: str = "") -> Checked:
    """`data` as `model`; `within` is where in `source` it stands. Raises SettingsError."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        where = f"{source}: ", f"{within}." if within else ""
        sentences = [_sentence(model, where, each) for each in error.errors()]
        raise SettingsError("\n".join(sentences)) from error


def nearest(name: str, known: Iterable[str]) -> str:
    """A question that offers the nearest of the known names; empty where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _sentence(model: type[BaseModel], where: tuple[str, str], error: Any) -> str:
    source, prefix = where
    key = prefix + ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return f"{source}{key}: {error['msg']}"
    *section, name = error["loc"]
    return f"{source}unknown key {key}" + nearest(str(name), _keys(model, section))


def _keys(model: Any, section: list[Any]) -> list[str]:
    for part in section:
        if isinstance(part, str):  # an index stands for an entry of the list before it
            annotation = model.model_fields[part].annotation
            model = (get_args(annotation) or (annotation,))[0]
    return list(model.model_fields)
