"""Looking at many sources with several models at once; the lines keep the sources' order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue

from xunhe_models.images import Frame, UnreadableError
from xunhe_tools.detect.line import Line
from xunhe_tools.detect.model import Model
from xunhe_tools.detect.sources import Source

Draw = Callable[[Source, Frame, Line], None]
Job = Callable[[Model], list[Line]]
_WAITING_PER_MODEL = 2  # frames in memory: bounded, and enough to keep every model busy


def look(
    sources: list[Source], models: list[Model], every_s: float, draw: Draw | None = None
) -> Generator[tuple[int, Line]]:
    """Every line with the number of its source, in the order of sources and frames.

    A source that cannot be read, or not to its end, has a last line with `error`.
    """
    if len(models) > 1:
        yield from _shared_out(_jobs(sources, every_s, draw), models)
        return
    for number, source in enumerate(sources):
        for line in _lines(source, source.frames(every_s), draw, models[0]):
            yield number, line


def _jobs(sources: list[Source], every_s: float, draw: Draw | None) -> Iterator[tuple[int, Job]]:
    """A still is one job, read by its worker; a stream is read here, and each frame is a job."""
    for number, source in enumerate(sources):
        if not source.is_stream:
            yield number, partial(_all_lines, source, source.frames(every_s), draw)
            continue
        try:
            for frame in source.frames(every_s):
                yield number, partial(_all_lines, source, iter([frame]), draw)
        except UnreadableError as error:
            yield number, partial(_error_lines, source, str(error))


def _all_lines(
    source: Source, frames: Iterator[Frame], draw: Draw | None, model: Model
) -> list[Line]:
    return list(_lines(source, frames, draw, model))


def _error_lines(source: Source, error: str, _model: Model) -> list[Line]:
    return [{"image": source.name, "error": error}]


def _lines(
    source: Source, frames: Iterator[Frame], draw: Draw | None, model: Model
) -> Iterator[Line]:
    seen: deque[Frame] = deque()  # those of which the model still owes a line

    def passing() -> Iterator[Frame]:
        for frame in frames:
            if draw:
                seen.append(frame)
            yield frame

    try:
        for line in model.lines(passing()):
            if draw:
                draw(source, seen.popleft(), line)
            yield {"image": source.name, **line}
    except UnreadableError as error:
        yield {"image": source.name, "error": str(error)}


def _shared_out(jobs: Iterable[tuple[int, Job]], models: list[Model]) -> Iterator[tuple[int, Line]]:
    """Each job runs on a thread with a model of its own; the results come in the jobs' order."""
    free: SimpleQueue[Model] = SimpleQueue()
    for model in models:
        free.put(model)
    waiting: deque[tuple[int, Future[list[Line]]]] = deque()
    with ThreadPoolExecutor(len(models)) as pool:
        try:
            for number, job in jobs:
                waiting.append((number, pool.submit(_run, job, free)))
                while waiting and (_is_full(waiting, models) or waiting[0][1].done()):
                    yield from _result(waiting)
            while waiting:
                yield from _result(waiting)
        finally:
            for _, future in waiting:
                future.cancel()


def _is_full(waiting: deque[tuple[int, Future[list[Line]]]], models: list[Model]) -> bool:
    return len(waiting) >= _WAITING_PER_MODEL * len(models)


def _run(job: Job, free: "SimpleQueue[Model]") -> list[Line]:
    model = free.get()
    try:
        return job(model)
    finally:
        free.put(model)


def _result(waiting: deque[tuple[int, Future[list[Line]]]]) -> Iterator[tuple[int, Line]]:
    number, future = waiting.popleft()
    for line in future.result():
        yield number, line
