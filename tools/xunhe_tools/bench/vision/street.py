"""Many cameras on this machine: one clip, served as live MPEG-TS, each viewer from its beginning.

A process of its own: `python -m xunhe_tools.bench.vision.street CLIP`. Its first line is the port;
then one line a viewer, with the name and the Unix seconds of the clip's first frame.
"""

import io
import json
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av

_AFTER_S = 3600.0  # a viewer is kept waiting after the clip: a live stream does not end
_LEAD_S = 0.2


def packets(clip: Path) -> list[tuple[float, bytes]]:
    """The clip as MPEG-TS: (seconds from its beginning, bytes) a frame."""
    sink = io.BytesIO()
    chunks: list[tuple[float, bytes]] = []
    with av.open(str(clip)) as source, av.open(
        sink, "w", format="mpegts", options={"mpegts_flags": "pat_pmt_at_frames"},
        container_options={"flush_packets": "1"},
    ) as target:  # fmt: skip
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.pts is None or packet.time_base is None:
                continue
            time_s = float(packet.pts * packet.time_base)
            packet.stream = stream
            target.mux_one(packet)
            chunks.append((time_s, sink.getvalue()))
            sink.seek(0)
            sink.truncate()
    return chunks


class _Viewer(BaseHTTPRequestHandler):
    chunks: tuple[tuple[float, bytes], ...] = ()
    said = threading.Lock()

    def do_GET(self) -> None:
        """Send the clip at its own pace."""
        self.send_response(200)
        self.send_header("Content-Type", "video/mp2t")
        self.end_headers()
        begun_s = time.time() + _LEAD_S
        with self.said:
            print(json.dumps({"camera": self.path.strip("/"), "begun_s": begun_s}), flush=True)
        try:
            for data in self._due(begun_s):
                self.wfile.write(data)
            time.sleep(_AFTER_S)
        except OSError:
            return  # the viewer has gone

    def _due(self, begun_s: float) -> Iterator[bytes]:
        for time_s, data in self.chunks:
            time.sleep(max(0.0, begun_s + time_s - time.time()))
            yield data

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: standard output is for the viewers' times."""


def main(clip: Path) -> None:
    """Serve until the process is ended."""
    _Viewer.chunks = tuple(packets(clip))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Viewer)
    server.daemon_threads = True
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
