"""Leads a probe through its standards: live readings, one settled point each, then the decision.

Nothing changes at the buoy before `save`, and the buoy replaces its calibration whole: a cable that
is pulled leaves the old one in force, or the new one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from xunhe_buoy.calibration import Calibration
from xunhe_tools.buoy.calibrate_acceptance import Judgement, Line, Words, judge, out_of_place
from xunhe_tools.buoy.calibrate_buffers import BufferError
from xunhe_tools.buoy.calibrate_certificate import Certificate, CertifiedPoint, due
from xunhe_tools.buoy.calibrate_stability import Sample, Settling, Stability, StabilityLimits
from xunhe_tools.buoy.calibrate_standards import Standard, StandardError, Surroundings, worth
from xunhe_tools.buoy.errors import CableError, RefusedError, StopError

# Raw quantities that can be calibrated, the best first: a potential shows an electrode's health.
QUANTITIES = ("ph_mv", "nh4_mv", "do_fraction", "do_mg_l", "ph", "nh4_n_mg_l")
READ_S = 60.0  # a reading may wait for warm-up and a wiper
_MOVED = 4.0  # spreads by which a reading differs where the probe stands in the next vessel


class Buoy(Protocol):
    """The console of the buoy."""

    def ask(self, request: Mapping[str, Any], wait_s: float = ...) -> dict[str, Any]:
        """The reply to a request."""
        ...


class Timer(Protocol):
    """Seconds that only grow."""

    def __call__(self) -> float:
        """Now."""
        ...


@dataclass(frozen=True, slots=True)
class Live:
    """A reading while the probe settles; `wrong` says why it cannot be this standard."""

    standard: Standard
    sample: Sample
    settling: Settling
    spread: float
    wrong: Words | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be calibrated, by whom, and how patiently."""

    probe: str
    quantity: str
    by: str
    limits: StabilityLimits
    around: Surroundings = field(default_factory=Surroundings)
    temp_c: float | None = None  # of the vessel, where no probe measures it
    patience_s: float = 600.0
    due_days: int | None = None


def quantity_of(raw: Mapping[str, float], probe: str) -> str:
    """The raw quantity to calibrate a probe by; StopError names the probes that there are."""
    measured = {name for key in raw if (name := key.removeprefix(f"{probe}.")) != key}
    for quantity in QUANTITIES:
        if quantity in measured:
            return quantity
    probes = ", ".join(sorted({key.partition(".")[0] for key in raw})) or "—"
    raise StopError(
        f"没有可校准的探头 {probe} / no probe {probe} that can be calibrated",
        f"有读数的探头 / probes that answer: {probes}",
    )


def take_point(
    buoy: Buoy,
    task: Task,
    standard: Standard,
    before: CertifiedPoint | None,
    timer: Timer,
    show: Callable[[Live], bool],
) -> CertifiedPoint:
    """The settled point of one standard.

    `show` sees every reading and returns False where the technician gives up on a settled reading
    that cannot be of this standard. StopError when the patience ends, with what was seen last.
    """
    stability = Stability(task.limits)
    began_s = timer()
    while True:
        sample = _sample(buoy, task, timer)
        settling = stability.take(sample)
        point = _point(task, standard, stability)
        wrong = _wrong(task, point, before) if settling is Settling.STABLE else None
        live = Live(standard, sample, settling, stability.spread, wrong)
        goes_on = show(live)
        if settling is Settling.STABLE and wrong is None:
            return point
        if not goes_on or sample.time_s - began_s > task.patience_s:
            raise _gave_up(live, task)


def decide(task: Task, points: Iterable[CertifiedPoint]) -> Judgement:
    """Whether the points may go into force."""
    return judge(task.quantity, [point.point for point in points])


def save(buoy: Buoy, task: Task, points: Iterable[CertifiedPoint]) -> Line:
    """Put the calibration in force at the buoy, which decides once more."""
    request = {
        "do": "calibrate",
        "probe": task.probe,
        "quantity": task.quantity,
        "points": [list(point.point) for point in points],
        "by": task.by,
        "save": True,
    }
    look = f"xunhe buoy calibrate {task.probe} --show"
    try:
        made = buoy.ask(request)["calibration"]
    except CableError as error:
        raise error.with_next(
            f"插好线，看哪一个生效：旧的或新的，不会是一半 / plug in and see which is in force, the"
            f" old or the new one, never half: {look}"
        ) from None
    except RefusedError as error:
        raise error.with_next(f"旧校准仍有效 / the old calibration holds: {look}") from None
    return Line(made["slope"], made["slope_base"], made["offset"])


def in_force(buoy: Buoy, probe: str, quantity: str) -> Calibration | None:
    """The calibration of a probe's raw quantity that holds now; None: the factory's."""
    for row in buoy.ask({"do": "calibrate"})["probes"].get(probe, []):
        if row["quantity"] == quantity:
            return Calibration(
                quantity, row["points"], row["slope"], row["offset"], row["slope_base"]
            )
    return None


def certificate(
    task: Task,
    whose: tuple[str, str],
    points: Iterable[CertifiedPoint],
    line: Line,
    before: Calibration | None,
    at: datetime,
) -> Certificate:
    """What was done; `whose`: station and device. `found` by the calibration before, `left` by the
    new one."""
    station, device = whose
    after = Calibration(task.quantity, [], line.slope, line.offset, line.slope_base)
    old = before or _factory(task.quantity)
    certified = tuple(
        replace(
            point,
            found=None if old is None else old.value(point.raw, point.temp_c),
            left=after.value(point.raw, point.temp_c),
        )
        for point in points
    )
    return Certificate(
        station,
        device,
        task.probe,
        task.quantity,
        task.by,
        at,
        due(task.quantity, at, task.due_days),
        certified,
        line,
    )


def _factory(quantity: str) -> Calibration | None:
    """What holds without a calibration, where that is known: theory, or the probe's own value."""
    if quantity == "nh4_mv":
        return None  # the potential at 1 mg/L is each probe's own
    return Calibration(quantity, [], 1.0, 0.0)


def _sample(buoy: Buoy, task: Task, timer: Timer) -> Sample:
    reply = buoy.ask({"do": "read"}, wait_s=READ_S)
    raw = reply["raw"].get(f"{task.probe}.{task.quantity}")
    if raw is None:
        reason = reply["failed"].get(task.probe, "no value")
        raise StopError(
            f"探头 {task.probe} 没有读数 / gives no reading: {reason}",
            "xunhe buoy selftest",
        )
    temp_c = task.temp_c
    if temp_c is None:
        temp_c = reply["raw"].get(f"{task.probe}.temp_c", reply["values"].get("water_temp_c"))
    if temp_c is None:
        raise StopError(
            "不知道水温 / the water's temperature is not known",
            "量一下，加上 / measure it and add: --temp-c 25.0",
        )
    return Sample(timer(), float(raw), float(temp_c))


def _point(task: Task, standard: Standard, stability: Stability) -> CertifiedPoint:
    raw, temp_c = stability.mean()
    try:
        value = worth(task.quantity, standard.word, temp_c, task.around)
    except (BufferError, StandardError) as error:
        raise StopError(str(error), "xunhe buoy calibrate --help") from None
    return CertifiedPoint(
        standard.word,
        standard.lot,
        value.reference,
        value.source,
        value.is_confirmed,
        round(raw, 5),
        round(temp_c, 3),
        round(stability.spread, 5),
    )


def _wrong(task: Task, point: CertifiedPoint, before: CertifiedPoint | None) -> Words | None:
    """Why a settled reading is not of this standard: out of its range, or still the last one's."""
    reason = out_of_place(task.quantity, point.point)
    if reason is not None or before is None:
        return reason
    if abs(point.raw - before.raw) > _MOVED * task.limits.spread:
        return None
    return Words(
        f"读数仍与 {before.standard} 相同：请把探头放入 {point.standard}",
        f"the reading is still that of {before.standard}: put the probe into {point.standard}",
    )


def _gave_up(live: Live, task: Task) -> StopError:
    if live.wrong is not None:
        what = str(live.wrong)
    else:
        what = (
            f"{live.standard.word}：{task.patience_s:.0f} 秒内未稳定，{live.settling.value[0]} /"
            f" not stable within {task.patience_s:.0f} s, {live.settling.value[1]}"
            f" (±{live.spread / 2:.3g})"
        )
    return StopError(
        what,
        "没有任何改动，旧校准仍有效；清洗探头、换标液后再运行 / nothing was changed, the old"
        " calibration holds; clean the probe, take a fresh standard and run it again",
    )
