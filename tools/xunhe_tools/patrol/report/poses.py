"""The camera's view at every second of a film, from its telemetry."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from xunhe.adapters.drone import telemetry_file
from xunhe.adapters.drone.film import Film
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.pose_track import PoseTrack
from xunhe.domain.telemetry import Telemetry, TelemetryError
from xunhe.vision.georeference.aligned_track import AlignedTrack
from xunhe.vision.georeference.assumptions import Assumed, completed
from xunhe.vision.georeference.lens import Lens
from xunhe.vision.georeference.placing import View, WaterPlane
from xunhe_tools.patrol.report.order import Order, ReportError

Note = tuple[str, str]

_ASSUMED_FOV = Measured(73.7, 6.0)  # 24 mm equivalent, as most drones' wide cameras
_GIVEN_FOV_SD, _GIVEN_PITCH_SD, _GIVEN_HEIGHT_SD = 1.0, 2.0, 3.0


@dataclass(frozen=True, slots=True)
class Poses:
    """`offset_s` is added to the film's seconds before `track` is asked; `notes` for the reader."""

    film: Film
    track: AlignedTrack
    water: WaterPlane
    offset_s: float
    fov: Measured | None
    notes: tuple[Note, ...]

    def pose_at(self, film_s: float) -> Pose | None:
        """At a second of the film; None where the telemetry has a gap."""
        return self.track.at(film_s + self.offset_s)

    def view_at(self, film_s: float) -> View | None:
        """None without a complete pose above the water."""
        pose = self.pose_at(film_s)
        if pose is None:
            return None
        fov = self.fov or pose.horizontal_fov_deg or _ASSUMED_FOV
        view = View.of(pose, _lens(self.film.width_px, self.film.height_px, fov), self.water)
        return view if isinstance(view, View) else None

    @property
    def begun_at(self) -> datetime | None:
        """The instant of the film's begin, by the telemetry's clock."""
        pose = self.pose_at(0.0)
        return None if pose is None else pose.instant


@cache
def _lens(width_px: int, height_px: int, fov: Measured) -> Lens:
    return Lens.of_view(width_px, height_px, fov)


def read(order: Order, film: Film) -> Poses:
    """ReportError where the telemetry is of no use."""
    if order.telemetry is None:
        raise ReportError("没有遥测 / no telemetry")
    try:
        telemetry = telemetry_file.read(order.telemetry, order.utc_offset)
    except (TelemetryError, OSError) as error:
        raise ReportError(f"{order.telemetry}：{error}") from error
    assumed = Assumed(
        pitch_deg=Measured.known(order.pitch_deg, _GIVEN_PITCH_SD),
        height_above_ground_m=Measured.known(order.height_m, _GIVEN_HEIGHT_SD),
    )
    poses = completed(telemetry.poses, assumed)
    _check(poses, order)
    offset_s, how = _offset(order, film, telemetry)
    fov = Measured.known(order.fov_deg, _GIVEN_FOV_SD)
    notes = [*how, *_notes(telemetry, order)]
    track = AlignedTrack(PoseTrack.of(poses))
    return Poses(film, track, WaterPlane(order.water_level), offset_s, fov, tuple(notes))


def _check(poses: tuple[Pose, ...], order: Order) -> None:
    if all(pose.pitch_deg is None for pose in poses):
        raise ReportError(
            f"{order.telemetry} 没有云台姿态：用 --pitch-deg 给出俯仰（垂直下视为 -90）"
            " / it has no attitude of the gimbal: give its pitch, -90 for straight down"
        )
    if all(pose.height_above_ground_m is None for pose in poses):
        raise ReportError(
            f"{order.telemetry} 没有离地高：用 --height-m 给出"
            " / it has no height above ground: give it by --height-m"
        )


def _offset(order: Order, film: Film, telemetry: Telemetry) -> tuple[float, list[Note]]:
    if order.offset_s is not None:
        return order.offset_s, []
    if telemetry.dialect.startswith("srt") or order.telemetry is None:
        return 0.0, []
    first, begun_at = telemetry.poses[0], order.begun_at or film.begun_at
    if first.instant is None or begun_at is None:
        said = (
            "不知录像与遥测的时间差，按同时开始处理；可用 --offset-s 给出",
            "nobody says by how much the film's clock and the telemetry's differ: taken as begun"
            " together; give it by --offset-s",
        )
        return first.time_s, [said]
    offset_s = first.time_s + (begun_at - first.instant).total_seconds()
    return offset_s, []


def _notes(telemetry: Telemetry, order: Order) -> list[Note]:
    notes: list[Note] = [_halves(note) for note in telemetry.notes]
    bare = telemetry.poses[0]
    if telemetry.refusals:
        count = len(telemetry.refusals)
        notes.append((f"遥测有 {count} 处未用", f"{count} line(s) of the telemetry were not used"))
    if bare.yaw_deg is None:
        notes.append(
            (
                "遥测没有相机方位，取航向（±15°）",
                "the telemetry has no yaw of the camera: taken from the course (±15°)",
            )
        )
    if bare.horizontal_fov_deg is None and order.fov_deg is None:
        notes.append(
            (
                f"遥测没有视场角，按 {_ASSUMED_FOV.value:g}° 处理",
                f"the telemetry has no angle of view: {_ASSUMED_FOV.value:g}° is assumed",
            )
        )
    return notes


def _halves(note: str) -> Note:
    zh, _, en = note.partition(" / ")
    return zh, en
