"""What a technician sees while calibrating, and what a script hears: one JSON line a point."""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.live import Live as LiveLine
from rich.text import Text

from xunhe_tools.buoy import calibrate_history as history
from xunhe_tools.buoy.calibrate import (
    READ_S,
    Buoy,
    Live,
    Task,
    certificate,
    decide,
    in_force,
    quantity_of,
    save,
    take_point,
)
from xunhe_tools.buoy.calibrate_acceptance import Judgement
from xunhe_tools.buoy.calibrate_certificate import Certificate, CertifiedPoint
from xunhe_tools.buoy.calibrate_certificate_pdf import slope_words
from xunhe_tools.buoy.calibrate_standards import Standard, label, usual
from xunhe_tools.buoy.errors import StopError
from xunhe_tools.buoy.provision_gateway import Account, GatewayError, session
from xunhe_tools.buoy.screen import Screen

__all__ = ["quantity_of"]


def first_reading(buoy: Buoy) -> dict[str, float]:
    """The raw values of all probes."""
    raw: dict[str, float] = buoy.ask({"do": "read"}, wait_s=READ_S)["raw"]
    return raw


def ask_probe(screen: Screen, raw: Mapping[str, float]) -> str:
    """The probe that the technician chooses."""
    names = sorted({key.partition(".")[0] for key in raw})
    screen.table(
        ("探头 probe", "原始值 raw values"),
        [
            (name, ", ".join(f"{k.partition('.')[2]} {v:.4g}" for k, v in _of(raw, name)))
            for name in names
        ],
    )
    probe = screen.ask("校准哪一个", "which one", names[0] if len(names) == 1 else "")
    if not probe:
        raise StopError(
            "没有说校准哪个探头 / no probe was named",
            f"xunhe buoy calibrate PROBE：{', '.join(names)}",
        )
    return probe


def ask_person(screen: Screen) -> str:
    """Who calibrates; a certificate needs a name."""
    person = screen.ask("校准人", "who calibrates")
    if not person:
        raise StopError("没有写校准人 / nobody is named who calibrates", "--by NAME")
    return person


def standards_of(screen: Screen, task: Task, words: Sequence[str]) -> list[Standard]:
    """The vessels in their order; 1 to 3, each `WORD` or `WORD:LOT`."""
    found = [Standard(word, lot) for word, _, lot in (text.partition(":") for text in words)]
    if not found and screen.asks:
        usual_words = " ".join(usual(task.quantity))
        typed = screen.ask("标准，按次序，空格分开", "standards, in order", usual_words)
        found = [
            Standard(word, screen.ask(f"{word} 的批号", f"lot of {word}")) for word in typed.split()
        ]
    if not 1 <= len(found) <= 3:
        raise StopError(
            "须有一至三个标准 / one to three standards are needed",
            " ".join(f"--standard {word}:LOT" for word in usual(task.quantity)),
        )
    return found


def plan(screen: Screen, task: Task, standards: Sequence[Standard]) -> None:
    """What would be done."""
    for i, standard in enumerate(standards, 1):
        words = label(task.quantity, standard.word)
        screen.say(f"第 {i} 点：{words}，稳定后取值", f"point {i}: {words}, when it is stable")
    screen.say("没有测量，没有改动", "nothing was measured, nothing changed")
    screen.result(
        {
            "dry_run": True,
            "probe": task.probe,
            "quantity": task.quantity,
            "standards": [standard.word for standard in standards],
        }
    )


def calibrate(screen: Screen, buoy: Buoy, task: Task, standards: Sequence[Standard]) -> Certificate:
    """All points, the decision, and the calibration in force. StopError says why not."""
    before = in_force(buoy, task.probe, task.quantity)
    whose = buoy.ask({"do": "config"})
    points: list[CertifiedPoint] = []
    for i, standard in enumerate(standards, 1):
        screen.step(
            i,
            len(standards),
            f"把探头冲净，放入 {label(task.quantity, standard.word)}",
            "rinse the probe and put it in",
        )
        points.append(_point(screen, buoy, task, standard, points[-1] if points else None))
    judgement = decide(task, points)
    _tell(screen, judgement)
    if screen.asks and not screen.confirm("保存到浮标？", "Save it at the buoy?", default=True):
        raise StopError("没有保存，旧校准仍有效 / not saved, the old calibration holds")
    line = save(buoy, task, points)
    at = datetime.now(UTC).replace(microsecond=0)
    made = certificate(task, (whose["station"], whose["device"]), points, line, before, at)
    return replace(made, warnings=tuple(str(warning) for warning in judgement.warnings))


def hand_over(screen: Screen, made: Certificate, place: Path, account: Account | None) -> None:
    """The certificate into the technician's folder, and to the gateway where that is reachable.

    What did not reach it before goes along; what cannot go now goes next time.
    """
    path = history.keep(place, made)
    screen.good(f"已生效；证书：{path}", "in force; the certificate is written")
    waiting = _send(screen, place, account)
    screen.result(
        {
            "certificate": made.to_json(),
            "pdf": str(path),
            "not_at_gateway": waiting,
        }
    )


def show(screen: Screen, buoy: Buoy, probe: str, place: Path) -> None:
    """What holds at the buoy, what it replaced, and the certificates in the folder."""
    in_force_now = buoy.ask({"do": "calibrate"})["probes"]
    old = buoy.ask({"do": "calibrate", "history": True})["history"]
    device = buoy.ask({"do": "config"})["device"]
    rows = [(name, "有效 in force", row) for name, each in in_force_now.items() for row in each]
    rows += [(row["probe"], "以前 before", row) for row in reversed(old)]
    rows = [row for row in rows if probe in ("", row[0])]
    screen.table(
        ("探头 probe", "", "量 quantity", "斜率 slope", "零点 offset", "谁 by", "时间 at"),
        [(name, state, *_calibration_words(row)) for name, state, row in rows],
    )
    kept = history.kept(place, device, probe or None)
    for one in kept:
        screen.say(f"证书 {one.number}", f"due {one.due_at:%Y-%m-%d}")
    screen.result(
        {
            "in_force": in_force_now,
            "history": old,
            "certificates": [one.number for one in kept],
        }
    )


def _point(
    screen: Screen, buoy: Buoy, task: Task, standard: Standard, before: CertifiedPoint | None
) -> CertifiedPoint:
    if screen.as_json or not screen.asks:
        _event("waiting", standard=standard.word)
        point = take_point(buoy, task, standard, before, time.monotonic, lambda live: True)
        _event("point", standard=standard.word, raw=point.raw, temp_c=point.temp_c)
        return point
    screen.ask("放好后按回车", "press Enter when it is in")
    with LiveLine(console=screen.console, refresh_per_second=4, transient=True) as line:

        def on_reading(live: Live) -> bool:
            line.update(Text(_live_words(live, task)))
            if live.wrong is None:
                return True
            line.stop()
            screen.warn(live.wrong.zh, live.wrong.en)
            again = screen.confirm("换好了，再测？", "Put right: go on?", default=True)
            line.start()
            return again

        point = take_point(buoy, task, standard, before, time.monotonic, on_reading)
    screen.good(
        f"{standard.word}：{point.raw:.4g}，{point.temp_c:.1f} °C，标准值 {point.reference:.4g}",
        f"taken; worth {point.reference:.4g}, {point.source}",
    )
    return point


def _live_words(live: Live, task: Task) -> str:
    sample = live.sample
    return (
        f"  {task.probe} {task.quantity} {sample.raw:10.4f}  {sample.temp_c:6.2f} °C"
        f"  ±{live.spread / 2:.3g}  {live.settling.words}"
    )


def _tell(screen: Screen, judgement: Judgement) -> None:
    """The decision in words; a refusal ends here."""
    if judgement.line is None:
        raise StopError(
            "；".join(str(reason) for reason in judgement.reasons),
            "旧校准仍有效，没有任何改动；换标液或探头后再试 / the old calibration holds, nothing"
            " was changed; take fresh standards or another probe",
        )
    line = judgement.line
    screen.good(
        f"斜率 {slope_words(line)}，零点 {line.offset:.4g}",
        f"accepted: offset {line.offset:.4g}",
    )
    for warning in judgement.warnings:
        screen.warn(warning.zh, warning.en)


def _send(screen: Screen, place: Path, account: Account | None) -> int:
    """Hand over what the gateway lacks; how many certificates still wait."""
    waiting = list(history.unsent(place))
    if account is not None:
        try:
            with session(account, screen) as gateway:
                for one in tuple(waiting):
                    gateway.keep_certificate(one.to_json())
                    history.mark_sent(place, one)
                    waiting.remove(one)
        except GatewayError as error:
            screen.warn(error.happened, "")
    if waiting:
        screen.say(
            f"{len(waiting)} 份证书等待上传：下次带 --gateway 时一起送",
            f"{len(waiting)} certificates wait for the gateway; they go along next time",
        )
    return len(waiting)


def _calibration_words(row: Mapping[str, Any]) -> tuple[str, ...]:
    at = row["at_s"]
    when = "—" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"
    return row["quantity"], f"{row['slope']:.4f}", f"{row['offset']:.4g}", row["by"], when


def _of(raw: Mapping[str, float], probe: str) -> list[tuple[str, float]]:
    return [(key, value) for key, value in raw.items() if key.partition(".")[0] == probe]


def _event(kind: str, **fields: object) -> None:
    """Progress for a script: a JSON line on standard error."""
    sys.stderr.write(json.dumps({"event": kind, **fields}) + "\n")
    sys.stderr.flush()
