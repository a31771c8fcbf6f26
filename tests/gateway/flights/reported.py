"""Flights over the demo's river, as `xunhe patrol report` would tell them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import cv2
import numpy as np

from tests.gateway.conftest import START
from xunhe.domain.finding import FindingKind, FindingStatus, FlightFinding, FoundAt
from xunhe.domain.flight import Coverage, Flight, PathPoint, Stretch
from xunhe.domain.position import LonLat
from xunhe.domain.river_place import RiverPlace

REACH = "YX-2"  # VILLAGE-2 answers for it
LINE = ((119.433283, 30.32467), (119.435415, 30.322701), (119.437666, 30.320834))
AT: LonLat = (119.435415, 30.322701)
MOUTH: LonLat = (119.42, 30.317939)  # of YX-P1, on YX-1
BEGAN = START - timedelta(minutes=30)


def jpeg(shade: int = 90) -> bytes:
    picture = np.full((90, 160, 3), (shade, 80, 72), np.uint8)
    return bytes(cv2.imencode(".jpg", picture)[1].tobytes())


def found(
    key: str = "F01",
    kind: FindingKind = FindingKind.LITTER,
    at: LonLat | None = AT,
    reach: str | None = REACH,
    first_s: float = 20.0,
    count: int = 4,
    status: FindingStatus | None = FindingStatus.NEW,
) -> FlightFinding:
    river = None if reach is None else RiverPlace(reach, 812.0, -4.2)
    return FlightFinding(
        id=key,
        kind=kind,
        first_s=first_s,
        last_s=first_s + 5,
        first_at=None,
        last_at=None,
        at=None if at is None else FoundAt(at, ((2.0, 0.1), (0.1, 2.0)), river),
        area_m2=1.5,
        count=count,
        frames=6,
        confidence=0.8,
        reason_zh=f"{count} 件漂浮物",
        reason_en=f"{count} floating things",
        status=status,
        picture=f"pictures/{key}.jpg",
    )


def flight(
    findings: Sequence[FlightFinding] = (),
    key: str = "9f2c000000000001",
    began: datetime | None = BEGAN,
    share: float = 0.8,
    **changed: Any,
) -> Flight:
    """Ten minutes along the first 560 m of the reach."""
    points = [LINE[0], LINE[1], LINE[2]]
    values: dict[str, Any] = {
        "id": key,
        "film": "DJI_0042.MP4",
        "drone": "Mavic 3E",
        "reach": REACH,
        "started_at": began,
        "ended_at": began and began + timedelta(minutes=10),
        "lasts_s": 600.0,
        "path": tuple(PathPoint(30.0 * i, None, at, 60.0) for i, at in enumerate(points)),
        "coverage": Coverage(REACH, 2700.0, (Stretch(0.0, 2700.0 * share),)),
        "density": (),
        "findings": tuple(findings),
        "frames_looked_at": 60,
        "compared_with": None,
        "models": {"debris": "ab" * 32},
    }
    return Flight(**values | changed)


def metres_east(at: LonLat, metres: float) -> LonLat:
    return at[0] + metres / 96_000, at[1]
