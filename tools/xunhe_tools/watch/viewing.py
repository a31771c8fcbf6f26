"""One run's loop: views into the pipeline, its sights into the book, pictures into the folder."""

from collections.abc import Callable
from dataclasses import dataclass, field

from xunhe.adapters.camera.trouble import SourceError
from xunhe.vision.pipeline import CameraPipeline
from xunhe.vision.view import View
from xunhe_models.images import UnreadableError
from xunhe_models.marking import Mark
from xunhe_tools.watch.evidence import EvidenceFolder
from xunhe_tools.watch.film import Film
from xunhe_tools.watch.footage import Footage
from xunhe_tools.watch.incidents import Book

_SHOWN_SCORE = 0.3  # fainter tracks would hide the picture
_FRESH_S = 1.0


@dataclass(slots=True)
class Viewing:
    """What has been seen so far; complete or not, it can be reported at any time."""

    footage: Footage
    pipeline: CameraPipeline
    evidence: EvidenceFolder | None
    film: Film | None
    book: Book = field(default_factory=Book)
    problems: list[str] = field(default_factory=list)
    frames: int = 0
    start_s: float = 0.0
    last_s: float | None = None
    size: tuple[int, int] | None = None  # width, height

    def watch(self, follow: Callable[[float, str], None]) -> None:
        """To the end of the footage; what is wrong with it goes into `problems`."""
        try:
            for view in self.footage.views(lambda: self.pipeline.wants_every_frame):
                self._see(view)
                follow(view.time_s - self.start_s, self.sentence())
        except (SourceError, UnreadableError) as error:
            self.problems.append(str(error))
        missing = None if self.last_s is None else self.footage.missing(self.seen_s)
        if missing is not None and not self.problems:
            self.problems.append(missing)

    @property
    def seen_s(self) -> float:
        """Seconds from the first frame to the last."""
        return 0.0 if self.last_s is None else self.last_s - self.start_s

    def sentence(self) -> str:
        """The counts."""
        return f"{self.frames} 帧 frames · {len(self.book)} 事件 incidents"

    def finish(self) -> None:
        """Write what waits for the end; also after Ctrl-C."""
        if self.evidence is not None:
            self.evidence.cut_rest()
        if self.film is not None:
            self.film.close()

    def _see(self, view: View) -> None:
        if self.last_s is None:
            self.start_s = view.time_s
            height, width = view.picture().shape[:2]
            self.size = (width, height)
        self.frames, self.last_s = self.frames + 1, view.time_s
        for sight in self.pipeline.see(view):
            found, is_peak = self.book.take(sight)
            if self.evidence is not None and is_peak:
                self.evidence.show(found, sight, view.picture())
                self.evidence.film(found, sight)
        if self.evidence is not None:
            self.evidence.cut(view.time_s)
        if self.film is not None:
            self.film.add(view, self.start_s, self._marks(view), self.book.going_on())

    def _marks(self, view: View) -> list[Mark]:
        """What the pipeline follows now, on the full picture, the best first."""
        bgr_height, bgr_width = view.picture().shape[:2]
        x, y = bgr_width / view.luma.shape[1], bgr_height / view.luma.shape[0]
        shown = [
            track
            for track in self.pipeline.tracks
            if track.score >= _SHOWN_SCORE
            and (track.is_resting or view.time_s - track.last_s <= _FRESH_S)
        ]
        marks = []
        for track in sorted(shown, key=lambda track: -track.score):
            x0, y0, x1, y1 = track.at(view.time_s)
            edges = (x0 * x, y0 * y, max(x0 * x, x1 * x - 1), max(y0 * y, y1 * y - 1))
            marks.append(Mark(edges, track.kind.value, f"{track.score:.2f}"))
        return marks
