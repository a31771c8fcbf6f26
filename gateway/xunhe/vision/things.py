"""Things that rest, to and from a memory.

Places are fractions of the picture, so that the stream may come back in another size.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from xunhe.domain.sight import SightKind
from xunhe.vision.geometry import centre, size
from xunhe.vision.light import Light
from xunhe.vision.stillness import from_text, to_text
from xunhe.vision.tracker import Track
from xunhe.vision.waters import Waters


def things_of(tracks: Iterable[Track], waters: Waters) -> tuple[dict[str, Any], ...]:
    """The rows of all tracks that rest."""
    return tuple(
        {
            "kind": track.kind.value,
            "zone": track.zone,
            "box": list(waters.fraction(track.box)),
            "first_s": track.first_s,
            "last_s": track.last_s,
            "absent_s": track.absent_s,
            "score": track.score,
            "look": to_text(track.look),
            "light": track.light and track.light.to_json(),
        }
        for track in tracks
        if track.is_resting
    )


def tracks_of(rows: Iterable[dict[str, Any]], waters: Waters) -> Iterator[Track]:
    """The tracks of the rows; those whose zone is no more are left out.

    KeyError, TypeError or ValueError where a row is none.
    """
    for row in rows:
        x0, y0, x1, y1 = row["box"]
        box = waters.pixels((x0, y0, x1, y1))
        track = Track(
            number=0,
            kind=SightKind(row["kind"]),
            box=box,
            first_s=float(row["first_s"]),
            last_s=float(row["last_s"]),
            look=from_text(row["look"]),
            settled=True,
            zone=waters.zone_of(box, row["zone"]),
            absent_s=float(row["absent_s"]),
        )
        track.light = None if row["light"] is None else Light.from_json(row["light"])
        track.times_s.append(track.last_s)
        track.centres.append(centre(box))
        track.scores.append(float(row["score"]))
        track.sizes.append(size(box))
        track.hits.append(True)
        if track.zone:
            yield track
