"""One run of all the figures."""

import multiprocessing
import os
import platform
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from xunhe.domain.sight import Phase
from xunhe.settings import VisionSettings
from xunhe_tools.bench.vision import footage, load, rates, script_of_today
from xunhe_tools.bench.vision.zones import WATER, write

Say = Callable[[str], None]

_DEBRIS = Path(str(files("xunhe_models"))) / "shipped/debris.onnx"
_FOUND_WITHIN_S = 5.0
_SOAKED_CAMERAS = 8
_SETTLED_MIN = 5


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured."""

    clip_s: float
    bare_s: float
    cameras: tuple[int, ...]
    soak_s: float = 0.0


SHORT = Extent(clip_s=26.0, bare_s=240.0, cameras=(24, 32, 40))
FULL = Extent(clip_s=60.0, bare_s=3600.0, cameras=(8, 16, 24, 32, 40, 48, 56, 64), soak_s=3600.0)


def measure(extent: Extent, seed: int, say: Say) -> dict[str, Any]:
    """Every figure of `xunhe bench vision`."""
    cv2.setNumThreads(1)
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        zones = write(folder / "zones.json")
        quiet, busy, bare = _filmed(folder, seed, extent, say)
        say("CPU: decode, inference, pipeline, script")
        costs = _costs(quiet, busy)
        runs = _loads(quiet, zones, extent.cameras, say)
        soaked = _soaked(quiet, zones, extent.soak_s, say) if extent.soak_s else {}
        say("clean water")
        false = _false(bare)
    return {
        **costs,
        **_held(runs),
        **soaked,
        **false,
        "seed": seed,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "clip": f"{footage.FULL_HD.width}x{footage.FULL_HD.height} H.264"
        f" {footage.FULL_HD.fps} fps, a key frame every {footage.KEY_EVERY_S} s",
        "seconds": round(time.monotonic() - begun_s, 1),
    }


def _costs(quiet: footage.Footage, busy: footage.Footage) -> dict[str, Any]:
    session_ms = rates.session_ms(_DEBRIS)
    figures: dict[str, Any] = {
        "decode_fps_per_core": round(rates.decode_fps(busy.path), 1),
        "inference_fps_per_core": round(1000 / session_ms, 1),
        "session_ms": round(session_ms, 2),
    }
    ideal_s = spent_s = 0.0
    for name, clip in (("quiet", quiet), ("busy", busy)):
        cost = rates.pipeline(clip.path, WATER, _DEBRIS, clip.seconds)
        decode_s = rates.decoding(clip.path, cost.decoded)
        least_s = decode_s + cost.runs * session_ms / 1000
        peer = script_of_today.watch(clip.path, _DEBRIS, cost.runs)
        ideal_s, spent_s = ideal_s + least_s, spent_s + cost.cpu_s
        figures[f"cameras_{name}_vs_script"] = round(peer.cpu_s / cost.cpu_s, 2)
        figures[name] = {
            "pipeline_cpu_ms_per_s": round(1000 * cost.cpu_s / cost.seconds, 1),
            "decode_cpu_ms_per_s": round(1000 * decode_s / cost.seconds, 1),
            "inference_cpu_ms_per_s": round(cost.runs * session_ms / cost.seconds, 1),
            "script_cpu_ms_per_s": round(1000 * peer.cpu_s / cost.seconds, 1),
            "frames_decoded": len(cost.decoded),
            "model_runs": cost.runs,
            "script_model_runs": peer.runs,
            "incidents": sum(sight.phase is Phase.OPENED for sight in cost.sights),
            "pipeline_to_ideal": round(least_s / cost.cpu_s, 3),
        }
    figures["pipeline_to_ideal"] = round(ideal_s / spent_s, 3)
    return figures


def _loads(
    quiet: footage.Footage, zones: Path, counts: tuple[int, ...], say: Say
) -> list[load.Load]:
    """More and more cameras, until things are missed or found too late."""
    runs: list[load.Load] = []
    for cameras in counts:
        say(f"{cameras} cameras")
        runs.append(load.run(quiet, zones, cameras))
        if not _holds(runs[-1]):
            break
    return runs


def _holds(one: load.Load) -> bool:
    late_s = _FOUND_WITHIN_S + VisionSettings().dwell_s
    return len(one.delays_s) == one.things and max(one.delays_s, default=0.0) <= late_s


def _held(runs: list[load.Load]) -> dict[str, Any]:
    good = [one for one in runs if _holds(one)]
    best = good[-1] if good else runs[0]
    dwell_s = VisionSettings().dwell_s
    latencies = [delay - dwell_s for delay in best.delays_s]
    return {
        "quiet_cameras": good[-1].cameras if good else 0,
        "mib_per_camera": round(best.mib_per_camera, 1),
        "latency_p99_s": round(float(np.percentile(latencies, 99)), 2) if latencies else None,
        "loads": [
            {
                "cameras": one.cameras,
                "things": one.things,
                "found": len(one.delays_s),
                "slowest_s": round(max(one.delays_s), 2) if one.delays_s else None,
                "busy_share_of_cores": round(one.busy_share, 3),
                "mib_per_camera": round(one.mib_per_camera, 1),
            }
            for one in runs
        ],
    }


def _soaked(
    quiet: footage.Footage, zones: Path, seconds: float, say: Say
) -> dict[str, list[float] | float]:
    """How flat the workers' memory is, once their rings are full."""
    say(f"{_SOAKED_CAMERAS} cameras for {seconds / 60:.0f} minutes")
    memories_mib = load.soak(quiet, zones, _SOAKED_CAMERAS, seconds)
    settled = memories_mib[_SETTLED_MIN:]
    drift = max(abs(mib / settled[0] - 1) for mib in settled)
    return {"memory_mib": [round(mib, 1) for mib in memories_mib], "memory_drift": round(drift, 4)}


def _false(bare: footage.Footage) -> dict[str, Any]:
    cost = rates.pipeline(bare.path, WATER, _DEBRIS, bare.seconds)
    opened = [sight for sight in cost.sights if sight.phase is Phase.OPENED]
    return {
        "false_incidents_per_hour": round(len(opened) * 3600 / bare.seconds, 2),
        "false_incidents": len(opened),
        "clean_seconds": bare.seconds,
    }


def _filmed(
    folder: Path, seed: int, extent: Extent, say: Say
) -> tuple[footage.Footage, footage.Footage, footage.Footage]:
    """The three clips, rendered side by side."""
    say("rendering three clips, about a minute")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=context) as pool:
        quiet = pool.submit(footage.quiet, folder, seed, extent.clip_s, _silent)
        busy = pool.submit(footage.busy, folder, seed + 1, extent.clip_s, _silent)
        bare = pool.submit(footage.bare, folder, seed + 2, extent.bare_s, _silent)
        return quiet.result(), busy.result(), bare.result()


def _silent(_: str) -> None:
    """Workers leave the terminal alone."""
