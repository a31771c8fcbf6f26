"""What each part draws. Each figure says where it is from; none was measured on a board."""

from dataclasses import dataclass

from xunhe_tools.hardware.power.duty import PROBES, Duty

_TO_3V3 = 0.88  # TPS63020 at 3.2 V in, read off the data sheet's curves: about 0.85 to 0.93
_TO_12V = 0.82  # MT3608 from 3.2 V at 0.15 A: assumed, its data sheet shows 5 V in only


@dataclass(frozen=True, slots=True)
class Link:
    """A way to the gateway: seconds a message takes from power on, mean watts meanwhile."""

    name: str
    seconds: float
    watts: float
    source: str


LINKS = {
    "4g": Link(
        "4G", 25.0, 0.80, "假定 assumed: 18 s 开机入网 to join, 7 s 传输 to send; 210 mA × 3.8 V"
    ),
    "wifi": Link("Wi-Fi", 4.0, 0.40, "假定 assumed: 120 mA × 3.3 V"),
    "lora": Link("LoRa", 3.0, 0.25, "假定 assumed: 发 1 s 110 mA, 收 2 s 12 mA"),
}


@dataclass(frozen=True, slots=True)
class Load:
    """One consumer: watts at the cell while it runs, seconds of each cycle that it runs."""

    name: str
    watts: float
    seconds: float
    source: str

    def joules(self) -> float:
        return self.watts * self.seconds


DIVIDERS = "分压 dividers, 上拉 pull-ups"  # a test adds them up from the netlist
# Always there, microamperes at the cell; data sheets' typical values unless marked.
ASLEEP_UA = {
    "ESP32-S3 深睡 deep sleep": 8,
    "TPS63020 ×1": 30,
    "TPS259241 关断 off, 12 V (here 3 V)": 130,
    "MAX-M10S 备份 backup": 32,
    DIVIDERS: 30,
    "LT3652 反向 reverse, TPS22917 ×3": 3,
    "电芯保护板 the pack's own protection (assumed)": 20,
}
CELL_V = 3.2


def of_cycle(duty: Duty, link: Link) -> list[Load]:
    """The consumers of one cycle, drawn from the cell."""
    return [
        Load(
            f"探头 probes ×{len(PROBES)}",
            len(PROBES) * 0.05 * 12 / _TO_12V,
            duty.probes_s,
            "假定各 50 mA × 12 V，刷的 290 mA 只有 15 ms / assumed; wipers' spikes are short",
        ),
        Load(
            "处理器 ESP32-S3",
            0.050 * 3.3 / _TO_3V3,
            duty.awake_s,
            "240 MHz 空闲约 50 mA / idle at 240 MHz, data sheet's range 33 to 108 mA",
        ),
        Load(
            "RS485, I²C, 定位 GNSS",
            0.030 * 3.3 / _TO_3V3,
            duty.probes_s,
            "THVD1406 约 2 mA、ISO1540 ×2 约 6 mA、MAX-M10S 约 20 mA 捕获时 acquiring",
        ),
        Load(link.name, link.watts / _TO_3V3, duty.link_s, link.source),
        Load(
            "休眠 asleep",
            sum(ASLEEP_UA.values()) * 1e-6 * CELL_V,
            duty.interval_s,
            "逐项见 ASLEEP_UA / item by item in ASLEEP_UA",
        ),
    ]


def mean_w(duty: Duty, link: Link) -> float:
    """Watts at the cell, averaged over a cycle."""
    return sum(load.joules() for load in of_cycle(duty, link)) / duty.interval_s
