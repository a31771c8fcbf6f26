"""`xunhe bench …`."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

bench_app = typer.Typer(help="测量 / measurements", no_args_is_help=True)

_FIRMWARE = (
    ("heap_peak_kib", "堆峰值，64 位 / peak heap on 64 bits, KiB", "≤ 96"),
    ("heap_busy_kib", "同上，报警、命令、技术员一起 / with alarm, command, technician, KiB", ""),
    ("awake_s", "每周期清醒，探头等待除外 / awake a cycle beyond the probes' waits, s", "≤ 3"),
    ("bytes_per_reading", "十条一批，每条字节 / bytes a reading in a batch of ten", "≤ 16"),
    ("month_mib_15_min", "15 分钟一条，每月流量 / data a month at 15 minutes, MiB", ""),
    ("cuts", "日志断电次数 / power cuts over the log", "≥ 3000"),
    ("cut_losses", "丢失、重复、改变 / lost, doubled or altered", "0"),
    ("mount_failures", "挂载失败 / failed mounts", "0"),
    ("update_cuts", "升级断电次数 / power cuts over updates", "≥ 1000"),
    ("bricked", "变砖 / bricked", "0"),
    ("outage_records", "断网 30 天后到达 / arrived after 30 days without a link", "43200"),
    ("outage_gaps", "其中缺口 / gaps among them", "0"),
    ("overflow_reported", "断网 45 天，浮标报告丢弃 / dropped in 45 days, as reported", ""),
    ("overflow_true", "断网 45 天，实际丢弃 / dropped in 45 days, in truth", "= 上 above"),
    ("soak_days", "同一个堆里的天数 / days in one heap", "30 (--full)"),
    ("soak_drift_kib", "其间堆的漂移 / drift of the heap, KiB", "≤ 1"),
)
_VISION = (
    ("pipeline_to_ideal", "全流程与理想之比 / pipeline to ideal", "≥ 0.90"),
    ("cameras_quiet_vs_script", "平静河面，相对脚本 / quiet, against the script", "≥ 3"),
    ("cameras_busy_vs_script", "繁忙河面，相对脚本 / busy, against the script", "≥ 1.3"),
    ("quiet_cameras", "可带的平静摄像机 / quiet cameras held", "≥ 24"),
    ("mib_per_camera", "每路内存 / memory a camera, MiB", "≤ 60"),
    ("latency_p99_s", "延迟第 99 百分位 / latency p99, s", "≤ 3"),
    ("false_incidents_per_hour", "每小时误报 / false incidents an hour", "≤ 1"),
)
_DESK = (
    ("list_ms", "带筛选的清单 / list with filters, ms", "≤ 300"),
    ("board_ms", "亮灯 / board of lights, ms", "≤ 300"),
    ("report_ms", "月报 / monthly report, ms", "≤ 300"),
    ("recompute_s", "一年得分重算 / a year's scores from the log, s", "≤ 60"),
    ("same_result", "两次结果相同 / the same result twice", "True"),
    ("reds_as_judged", "红灯与另行清点相同 / reds as counted apart", "True"),
)

_WEB = (
    ("overview_ms", "总览可用，5 次中位数 / overview usable, median of 5, ms", "≤ 1000"),
    ("first_visit_kib", "首次打开传输 / transferred on a first visit, KiB", "≤ 300"),
    ("event_to_screen_ms", "读数到屏幕，中位数 / from reading to screen, median, ms", "≤ 500"),
    ("event_to_screen_worst_ms", "最慢一次 / the slowest, ms", ""),
    ("events_drawn", "十次中出现 / drawn of ten", "10"),
    ("foreign_hosts", "外部主机 / hosts elsewhere that were asked", "0"),
)

_UPSTREAM = (
    ("frames_per_s", "单核每秒解码帧数 / frames decoded a second of one core", "≥ 5000"),
    ("live_delay_p99_ms", "补传旁实时延迟第 99 百分位 / live beside a backlog, p99, ms", "≤ 20"),
    ("outage_samples", "断网 48 小时的样本 / samples of 48 h of outage", "2880"),
    ("outage_missing", "其中缺少 / missing", "0"),
    ("outage_duplicates", "重复 / duplicates", "0"),
    ("outage_out_of_order", "乱序 / out of order", "0"),
    ("outage_s", "16 kbit/s 补齐，秒 / made good at 16 kbit/s, s", "≤ 600"),
    ("outage_live_delay_s", "其间实时最久，秒 / longest of live data meanwhile, s", ""),
)
_GATEWAY = (
    ("readings_per_s", "每核秒入库并确认的读数 / readings acknowledged a core-second", "≥ 10000"),
    ("reading_to_ticket_p99_s", "读数到工单，第 99 百分位 / reading to ticket, p99, s", "≤ 1"),
    ("kills", "负载下的 SIGKILL / kills under load", "≥ 20"),
    ("acknowledged_lost", "已确认却丢失或改变 / acknowledged and lost or altered", "0"),
    ("duplicate_tickets", "重复工单 / tickets twice", "0"),
    ("ready_s", "最慢一次恢复确认 / slowest restart to an acknowledgement, s", "≤ 5"),
    ("crash_states", "断电状态 / crash states", "≥ 5000"),
    ("crash_losses", "其中有丢失 / with a loss", "0"),
    ("control_losses", "对照组的丢失 / losses of the controls", "> 0"),
    ("io_faults", "输入输出故障 / failing calls of the disk", ""),
    ("io_fault_losses", "其中丢失 / lost in them", "0"),
    ("io_faults_unhealed", "未自行恢复 / did not heal by themselves", "0"),
    ("cross_device_allowed", "越权的主题 / topics of other devices allowed", "0"),
)
_WATER = (
    ("recall_full", "改变类别的排放，检出率 / discharges of a class or more, found", "≥ 0.95"),
    ("recall_half", "半个类别的排放，检出率 / of half a class, found", "≥ 0.80"),
    ("false_per_30_days", "每站每 30 天误报 / false alarms in 30 station-days", "≤ 1"),
    ("median_delay_samples", "延迟中位数，次 / median delay, samples", "≤ 2"),
    ("stations_per_core", "每核站数，每分钟一次 / stations a core, one a minute", "≥ 10000"),
    ("culprit_top3", "真凶在前三 / culprit among the first three", "≥ 0.90"),
    ("culprit_top3_random", "随机排序的前三 / the same by chance", "–"),
    ("arrival_cover", "到达区间含真值 / arrival inside its interval", "≥ 0.85"),
)
_PATROL = (
    ("median_error_nadir_m", "60 m 垂直下视 / straight down from 60 m, m", "≤ 1.5"),
    ("median_error_oblique_m", "45° 前视 / 45° forward, m", "≤ 5"),
    ("median_error_offset_m", "遥测差 1 s、云台差 2°，下视 / 1 s and 2° off, down, m", "≤ 2 ×"),
    ("median_error_offset_oblique_m", "同上，45° / the same, 45°, m", "≤ 2 ×"),
    ("median_error_unaligned_m", "不校正，下视 / left as it is, down, m", "–"),
    ("median_error_unaligned_oblique_m", "不校正，45° / left as it is, 45°, m", "–"),
    ("minutes_per_10_min_flight", "10 分钟 1080p 的报告 / report of 10 min of 1080p, min", "≤ 5"),
    ("cpu_minutes_per_10_min_flight", "其中处理器时间 / of it, of a processor, min", "–"),
    ("report_frames", "其中查看画面 / frames looked at for it", "–"),
    ("n_nadir", "下视观测数 / sightings, down", "–"),
    ("n_oblique", "45° 观测数 / sightings, 45°", "–"),
)
_FUZZ = (
    ("targets", "解析器 / parsers", ""),
    ("frames", "喂入的帧 / frames fed", "≥ 1000000（--full 10000000）"),
    ("guided_frames", "其中由覆盖率引导 / of them guided by coverage", ""),
    ("findings", "不该有的错误 / errors that should not come", "0"),
    ("frames_per_s", "每秒帧数 / frames a second", ""),
)
_PROVINCE = (
    ("readings_per_s", "每秒入库并回执，按工作进程数 / readings a second, by workers", ""),
    ("efficiency", "1 → 2 个进程的效率 / efficiency from one to two", "≥ 0.8"),
    ("by_history", "库中已有这么多时，2 个进程 / two workers, by readings stored", ""),
    ("store_bytes_a_reading", "每条占库 / bytes a reading in the store", ""),
    ("wire_bytes_a_reading", "每条上行 / bytes a reading on the way", ""),
)
_TOOLS = (
    ("pulls", "拔线次数 / cables pulled", ""),
    ("too_late", "命令已做完 / after its command was done", ""),
    ("slowest_s", "拔线到命令结束，最慢 / from a pull to the command's end, slowest, s", "≤ 10"),
    ("slowest_s_by_command", "各命令最慢 / the slowest by command, s", ""),
    ("without_next_step", "没说接着打什么 / without the command that goes on", "0"),
    ("dead_buoys", "浮标不再运行 / buoys that run no more", "0"),
    ("not_gone_on", "再打同一条命令不成 / where the same command did not go on", "0"),
)
_WATER_PEERS = (
    ("thresholds", "普通阈值 thresholds"),
    ("thresholds_held", "连续 3 次 three in a row"),
    ("ioos_qc", "ioos_qc"),
)

JsonOption = Annotated[
    bool, typer.Option("--json", help="只输出 JSON / print only JSON on standard output")
]
SeedOption = Annotated[int, typer.Option(help="随机种子 / random seed")]


@bench_app.command("vision")
def vision(
    as_json: JsonOption = False,
    full: Annotated[bool, typer.Option(help="长测，数小时 / the long form, hours")] = False,
    seed: SeedOption = 1,
) -> None:
    """测量看摄像机的代价与快慢 / what watching cameras costs, and how soon it finds."""
    # It loads the models: other commands should start at once.
    from xunhe_tools.bench.vision.measure import FULL, SHORT, measure  # noqa: PLC0415

    figures = measure(FULL if full else SHORT, seed, _say)
    _show(figures, _VISION, as_json)


@bench_app.command("firmware")
def firmware(
    as_json: JsonOption = False,
    full: Annotated[
        bool, typer.Option(help="长测，约半小时 / the long form, half an hour")
    ] = False,
    seed: SeedOption = 1,
) -> None:
    """测量浮标固件：内存、清醒、流量、断电、断网 / heap, time awake, bytes, power cuts, outages."""
    from xunhe_tools.bench.firmware.measure import FULL, SHORT, measure  # noqa: PLC0415

    figures = measure(FULL if full else SHORT, seed, _say)
    _show(figures, _FIRMWARE, as_json)


@bench_app.command("water")
def water(
    as_json: JsonOption = False,
    seed: Annotated[
        int, typer.Option(min=1000, help="随机种子，1000 以下只用于调参 / below 1000 only tunes")
    ] = 1000,
    rivers: Annotated[int, typer.Option(min=1, help="溯源的河流数 / rivers to trace on")] = 500,
) -> None:
    """测量预警、预测与溯源，365 个虚拟站日 / early warning, forecast and tracing, measured."""
    from xunhe_tools.bench.water.measure import measure  # noqa: PLC0415

    figures = measure(seed, rivers, _say)
    _show(figures, _WATER, as_json)
    if not as_json:
        _print_peers(figures)


@bench_app.command("patrol")
def patrol(
    as_json: JsonOption = False,
    seed: SeedOption = 1,
    photographs: Annotated[
        Path | None,
        typer.Option(help="一夹无人机照片，另报残差 / a folder of photographs: residuals as well"),
    ] = None,
) -> None:
    """测量无人机画面定位的误差与报告用时 / errors of positions, minutes of a report."""
    from xunhe_tools.bench.patrol.measure import measure  # noqa: PLC0415

    figures = measure(seed, photographs, _say)
    _show(figures, _PATROL, as_json)


@bench_app.command("desk")
def desk(
    as_json: JsonOption = False,
    tickets: Annotated[int, typer.Option(min=1, help="工单数 / how many tickets")] = 100_000,
    seed: SeedOption = 1,
) -> None:
    """测量十万张工单的清单、亮灯、月报与重算 / a hundred thousand tickets on one core."""
    from xunhe_tools.bench.desk.measure import measure  # noqa: PLC0415

    figures = measure(tickets, seed, _say)
    _show(figures, _DESK, as_json)


@bench_app.command("web")
def web(
    as_json: JsonOption = False,
    tickets: Annotated[int, typer.Option(min=1, help="工单数 / how many tickets")] = 10_000,
    operators: Annotated[
        int, typer.Option(min=0, help="同时在线的操作员 / operators at the same time")
    ] = 50,
    seed: SeedOption = 1,
) -> None:
    """测量一屏总览：打开、传输、读数到屏幕 / the one screen in chromium: opening, bytes, news."""
    from xunhe_tools.bench.web.measure import measure  # noqa: PLC0415

    figures = measure(tickets, operators, seed, _say)
    _show(figures, _WEB, as_json)


@bench_app.command("upstream")
def upstream(
    as_json: JsonOption = False,
    seed: SeedOption = 1,
) -> None:
    """测量 HJ 212：解码、补传、断网 48 小时 / HJ 212: decoding, back-fill, 48 h of outage."""
    from xunhe_tools.bench.upstream.measure import measure  # noqa: PLC0415

    figures = measure(seed, _say)
    _show(figures, _UPSTREAM, as_json)


@bench_app.command("fuzz")
def fuzz(
    as_json: JsonOption = False,
    full: Annotated[
        bool, typer.Option(help="一千万帧，约一小时 / ten million frames, about an hour")
    ] = False,
    seed: SeedOption = 1,
    frames: Annotated[int, typer.Option(min=0, help="帧数，0 为默认 / how many; 0: usual")] = 0,
    corpus: Annotated[
        Path | None, typer.Option(help="语料目录，新路径存入 / corpus; what is new is kept in it")
    ] = None,
    findings: Annotated[Path, typer.Option(help="发现存放处 / where findings are kept")] = Path(
        "build/fuzz"
    ),
) -> None:
    """任意字节喂给每个解析器 / any bytes into every parser: a plain mutator, and Atheris."""
    from xunhe_tools.bench.fuzz.measure import Wanted, measure  # noqa: PLC0415

    wanted = Wanted(frames or (10_000_000 if full else 1_000_000), seed, corpus, findings)
    figures = measure(wanted, _say)
    _show(figures, _FUZZ, as_json)


@bench_app.command("tools")
def tools(
    as_json: JsonOption = False,
    full: Annotated[
        bool, typer.Option(help="长测，约一小时 / the long form, about an hour")
    ] = False,
) -> None:
    """测量技术员工具：每一步拔线，多久结束 / the technician's cable pulled at every step."""
    from xunhe_tools.bench.tools.measure import FULL, SHORT, measure  # noqa: PLC0415

    _show(measure(FULL if full else SHORT, _say), _TOOLS, as_json)


@bench_app.command("province")
def province(
    as_json: JsonOption = False,
    full: Annotated[
        bool, typer.Option(help="长测，约半小时 / the long form, half an hour")
    ] = False,
    seed: SeedOption = 1,
) -> None:
    """测量省级接收：1、2、4 个工作进程，历史增长 / a province's intake by workers and history."""
    from xunhe_tools.bench.province.measure import FULL, SHORT, measure  # noqa: PLC0415

    figures = measure(FULL if full else SHORT, seed, _say)
    _show(figures, _PROVINCE, as_json)


@bench_app.command("gateway")
def gateway(
    as_json: JsonOption = False,
    full: Annotated[bool, typer.Option(help="长测，数小时 / the long form, hours")] = False,
    seed: SeedOption = 1,
) -> None:
    """测量网关：速度、杀进程、断电、磁盘故障 / speed, kills, power cuts, failing disks."""
    from xunhe_tools.bench.gateway.measure import FULL, SHORT, measure  # noqa: PLC0415

    figures = measure(FULL if full else SHORT, seed, _say)
    _show(figures, _GATEWAY, as_json)


def _say(line: str) -> None:
    """How far it is; what is measured goes to standard output."""
    Console(stderr=True, highlight=False).print(line, style="dim")


def _show(figures: Mapping[str, Any], rows: Sequence[tuple[str, str, str]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    table = Table("指标 figure", "结果 result", "目标 goal")
    for key, title, goal in rows:
        table.add_row(title, str(figures[key]), goal)
    Console().print(table)


def _print_peers(figures: Mapping[str, Any]) -> None:
    peers = {name: figures[key] for key, name in _WATER_PEERS if figures[key] is not None}
    table = Table("同样的数据 same data", *peers)
    for key, title, _ in _WATER[:4]:
        table.add_row(title, *(str(one[key]) for one in peers.values()))
    Console().print(table)
