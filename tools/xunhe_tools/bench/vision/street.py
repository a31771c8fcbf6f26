"""Many cameras on this machine: one clip, again and again, as live MPEG-TS over HTTP.

The river is quiet: every fourth viewer gets the whole clip, the others its beginning, in which
nothing floats. Each begins at another key frame, so that things do not appear everywhere at once. A
process of its own: `python -m xunhe_tools.bench.vision.street CLIP QUIET_S`. Its first line is the
port; then one line a viewer, with its name, the Unix seconds of its first frame, where in the clip
that is, and whether things appear.
"""

import io
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path

import av

_LEAD_S = 0.2
_WITH_THINGS = 4  # every fourth viewer
_BEGINNINGS = 5  # key frames at which viewers begin, in turn
_TICK = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class Clip:
    """Encoded frames without reordering, evenly spaced; `keys` are the numbers of key frames."""

    path: Path
    frames: tuple[bytes, ...]
    keys: tuple[int, ...]
    period_s: float

    @classmethod
    def read(cls, path: Path) -> "Clip":
        """Of an MP4 as `footage` films it."""
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            packets = [packet for packet in container.demux(stream) if packet.size]
            keys = tuple(n for n, packet in enumerate(packets) if packet.is_keyframe)
            rate = stream.average_rate
            frames = tuple(bytes(packet) for packet in packets)
        return cls(path, frames, keys, float(1 / rate) if rate else 0.04)

    def stream(self, first: int, length: int) -> Iterator[tuple[float, bytes]]:
        """(seconds from the first frame, MPEG-TS) for ever: `length` frames, from `first` on."""
        sink = io.BytesIO()
        options = {"mpegts_flags": "pat_pmt_at_frames"}
        flushed = {"flush_packets": "1"}
        with (
            av.open(str(self.path)) as source,
            av.open(
                sink, "w", format="mpegts", options=options, container_options=flushed
            ) as target,
        ):
            stream = target.add_stream_from_template(source.streams.video[0])
            for number in count():
                place = (first + number) % length
                packet = av.Packet(self.frames[place])
                packet.stream, packet.time_base = stream, _TICK
                packet.pts = packet.dts = round(number * self.period_s / _TICK)
                packet.is_keyframe = place in self.keys
                target.mux_one(packet)
                yield number * self.period_s, sink.getvalue()
                sink.seek(0)
                sink.truncate()


class _Viewer(BaseHTTPRequestHandler):
    clip: Clip
    quiet: int  # frames of the clip in which nothing floats, in whole groups
    said = threading.Lock()
    viewers = count()

    def do_GET(self) -> None:
        """Send the clip at its own pace until the viewer goes."""
        self.send_response(200)
        self.send_header("Content-Type", "video/mp2t")
        self.end_headers()
        with self.said:
            number = next(self.viewers)
            has_things = number % _WITH_THINGS == 0
            length = len(self.clip.frames) if has_things else self.quiet
            first = self.clip.keys[number % _BEGINNINGS]
            begun_s = time.time() + _LEAD_S
            row: dict[str, object] = {"camera": self.path.strip("/"), "begun_s": begun_s}
            row |= {"from_s": first * self.clip.period_s, "things": has_things}
            print(json.dumps(row), flush=True)
        try:
            for time_s, data in self.clip.stream(first, length):
                time.sleep(max(0.0, begun_s + time_s - time.time()))
                self.wfile.write(data)
        except OSError:
            return  # the viewer has gone

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard output is for the viewers' times."""


def main(path: Path, quiet_s: float) -> None:
    """Serve until the process is ended."""
    clip = Clip.read(path)
    _Viewer.clip = clip
    _Viewer.quiet = max(key for key in clip.keys if key * clip.period_s <= quiet_s)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Viewer)
    server.daemon_threads = True
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
