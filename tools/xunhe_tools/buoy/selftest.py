"""What a buoy's self-test found, part by part, and what to do for each failure. Pure.

The buoy looks at itself (console: selftest, log, config); this file says what it means. The table
has the same rows in the same order for every buoy, so that a first article's can be filed.

    part      passes where                                                      measured
    probes    each answers                                                      reason, counts
    bus       one probe of the bus answers                                      answering of all
    storage   flash not worn (80,000 of 100,000 erases), little heap used       erases, pending
    radio     the link was up since boot, and the gateway acknowledged          connects, …
    clock     set, and within 120 s of this computer's                          seconds apart
    battery   3.1 to 3.65 V                                                     battery, panel
    seal      the lid switch says shut                                          open, closed
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

APART_S = 120
_I2C = ("EZO",)
_ONE_WIRE = ("DS18B20",)


class Part(StrEnum):
    """The parts of a buoy, in the order of the table."""

    PROBE = "probe"
    BUS = "bus"
    STORAGE = "storage"
    MEMORY = "memory"
    RADIO = "radio"
    CLOCK = "clock"
    BATTERY = "battery"
    SEAL = "seal"

    @property
    def words(self) -> str:
        """Chinese first, English beside."""
        return f"{_ZH[self]} {self.value}"


_ZH = {
    Part.PROBE: "探头",
    Part.BUS: "总线",
    Part.STORAGE: "存储",
    Part.MEMORY: "内存",
    Part.RADIO: "通信",
    Part.CLOCK: "时钟",
    Part.BATTERY: "电池",
    Part.SEAL: "密封",
}


@dataclass(frozen=True, slots=True)
class Check:
    """A row: `advice` says what to do, empty where it passed."""

    part: Part
    name: str
    passed: bool
    measured: str
    advice: str = ""


# A probe's reason (firmware drivers) → what to do.
_PROBES = {
    "silence": "查接线 A/B、地址、12 V 供电 / check wires A/B, address, the 12 V rail",
    "crc": "查屏蔽与终端电阻 / check shield and termination",
    "echo": "换收发器 / the transceiver does not turn around: replace it",
    "rubbish": "型号或地址配错；或探头损坏 / wrong model or address, or a broken probe",
    "busy": "稍等再测 / wait and test again",
}
_WORDS = {  # of the buoy's own English
    "answers": "有回答",
    "erased": "擦写",
    "pending": "待发",
    "torn": "残缺",
    "used": "已用",
    "free": "空闲",
    "battery": "电池",
    "panel": "光伏",
}
_OTHER_PROBE = "重新插拔探头，再测 / unplug it, plug it in, test again"
_ADVICE = {
    Part.BUS: "总线无回答：查保险、12 V、A/B 接反 / nothing answers: fuse, 12 V, swapped A and B",
    Part.STORAGE: "换主板；先导出数据：xunhe buoy logs / replace the board, save its data first",
    Part.MEMORY: "重启；仍不够则升级固件 / restart; if it stays so, update the firmware",
    Part.RADIO: "查天线、SIM 卡、Wi-Fi 密码、代理地址 / check aerial, SIM, Wi-Fi password, broker",
    Part.CLOCK: "联网一次即自动校时 / it sets itself once it has reached the gateway",
    Part.BATTERY: "充电或换电芯；查光伏线 / charge or replace the cell; check the panel's cable",
    Part.SEAL: "拧紧上盖，查密封圈与开关 / close the lid, check its ring and switch",
}


def checks(selftest: Mapping[str, Any], status: Mapping[str, Any], now_s: float) -> list[Check]:
    """All rows of the table from the buoy's two answers; `now_s` is this computer's."""
    tests = {test["name"]: test for test in selftest["tests"]}
    probes = [tests[name] for name in status["probes"] if name in tests]
    return [
        *(_probe(test) for test in probes),
        *_buses(probes),
        _as_told(Part.STORAGE, tests["flash"]),
        _as_told(Part.MEMORY, tests["heap"]),
        _radio(status),
        _clock(tests["clock"], now_s),
        _as_told(Part.BATTERY, tests["supply"]),
        _seal(tests["lid"]),
    ]


def _probe(test: Mapping[str, Any]) -> Check:
    reason = str(test["detail"])
    counts = ", ".join(f"{name} {times}" for name, times in test["counts"].items())
    advice = "" if test["passed"] else _probe_advice(reason)
    told = _in_both(reason)
    measured = f"{told} ({counts})" if counts else told
    return Check(Part.PROBE, str(test["name"]), bool(test["passed"]), measured, advice)


def _probe_advice(reason: str) -> str:
    return next((words for key, words in _PROBES.items() if key in reason), _OTHER_PROBE)


def _buses(probes: Sequence[Mapping[str, Any]]) -> list[Check]:
    """A row for each bus that carries a probe; silent as a whole, it is the bus and not a probe."""
    buses: dict[str, list[bool]] = {}
    for test in probes:
        buses.setdefault(_bus(str(test["name"])), []).append(bool(test["passed"]))
    return [
        Check(
            Part.BUS,
            bus,
            any(answers),
            f"{sum(answers)}/{len(answers)}",
            "" if any(answers) else _ADVICE[Part.BUS],
        )
        for bus, answers in buses.items()
    ]


def _bus(probe: str) -> str:
    if probe.startswith(_I2C):
        return "I2C"
    return "1-Wire" if probe.startswith(_ONE_WIRE) else "RS-485"


def _as_told(part: Part, test: Mapping[str, Any]) -> Check:
    passed = bool(test["passed"])
    measured = _in_both(str(test["detail"]))
    return Check(part, part.value, passed, measured, "" if passed else _ADVICE[part])


def _in_both(detail: str) -> str:
    """What the buoy said, each word that is known here with the Chinese one before it."""
    return re.sub("[a-z]+", lambda word: f"{_WORDS.get(word[0], '')} {word[0]}".strip(), detail)


def _radio(status: Mapping[str, Any]) -> Check:
    connects, acknowledged = int(status["connects"]), int(status["acknowledged"])
    passed = connects > 0 and acknowledged > 0
    measured = (
        f"连接 connects {connects}, 确认 acknowledged {acknowledged},"
        f" 待发 pending {status['pending']}"
    )
    advice = "" if passed else _ADVICE[Part.RADIO]
    if connects and not acknowledged:
        advice = "网关没有确认：密钥登记了吗？/ the gateway does not acknowledge: is it enrolled?"
    return Check(Part.RADIO, "link", passed, measured, advice)


def _clock(test: Mapping[str, Any], now_s: float) -> Check:
    detail = str(test["detail"])
    if not test["passed"] or not detail.isdigit():
        return Check(Part.CLOCK, "clock", False, detail, _ADVICE[Part.CLOCK])
    apart_s = int(detail) - now_s
    passed = abs(apart_s) <= APART_S
    advice = "" if passed else "查本机时间；" + _ADVICE[Part.CLOCK]
    return Check(Part.CLOCK, "clock", passed, f"{apart_s:+.0f} s", advice)


def _seal(test: Mapping[str, Any]) -> Check:
    is_shut = test["detail"] == "closed"
    measured = "关 closed" if is_shut else "开 open"
    return Check(Part.SEAL, "lid", is_shut, measured, "" if is_shut else _ADVICE[Part.SEAL])
