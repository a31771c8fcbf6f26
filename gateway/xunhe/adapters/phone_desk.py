"""What a chief's telephone brings in, once each, however often and however late it is sent.

A problem and its photographs are one transaction, and so are a patrol and its track. The key that
the telephone chose is stored in it: whatever comes again under the key finds what is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.photo_shelf import Bringing, name_photos
from xunhe.adapters.store import patrols, tickets
from xunhe.adapters.store.patrols import TrackSource
from xunhe.adapters.store.tickets import Opening
from xunhe.desk.patrols import Means, Patrol
from xunhe.desk.track import Fix, measured, reaches_seen, share_of
from xunhe.domain.registry import Post, Registry
from xunhe.domain.ticket import Ticket


class NotThereError(ValueError):
    """The track comes near no reach of the post."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A patrol as it was recorded: by which post, when, where. `key` is the recorder's.

    `seen` is the share of each reach that its pictures show; None where there are none: then it is
    what lies beside the track.
    """

    key: str
    post: str
    means: Means
    fixes: Sequence[Fix]
    source: TrackSource
    started_at: datetime
    ended_at: datetime
    problems: tuple[int, ...] = ()
    note: str = ""
    seen: Mapping[str, float] | None = None


def problem_key(key: str) -> str:
    """The opening key of a problem that a telephone brings."""
    return f"phone:{key}"


def open_problem(
    connection: sa.Connection,
    desk: Desk,
    opening: Opening,
    brought: Bringing,
    handler: str | None = None,
) -> tuple[Ticket, bool]:
    """The ticket of a problem with its photographs, and whether it is new."""
    known = tickets.of_key(connection, opening.key)
    if known is not None:
        return known, False
    opened = desk.open_on_site(connection, opening, handler)
    name_photos(connection, brought, opened.id)
    return opened, True


def problems_of(connection: sa.Connection, keys: Sequence[str]) -> tuple[int, ...]:
    """The tickets of these keys, of those that there are."""
    found = (tickets.of_key(connection, problem_key(key)) for key in keys)
    return tuple(ticket.id for ticket in found if ticket is not None)


def add_walk(
    connection: sa.Connection, registry: Registry, walk: Walk, actor: str, at: datetime
) -> tuple[int, bool]:
    """The id of a patrol with its track, and whether it is new.

    NotThereError where the track sees no reach of the post, PatrolError for one that cannot have
    been.
    """
    known = patrols.of_key(connection, walk.key)
    if known is not None:
        return known, False
    patrol = _patrol(registry.posts[walk.post], registry, walk)
    if not patrols.add(connection, patrol, actor, at):
        return patrols.id_of(connection, patrol), False
    patrol_id = patrols.id_of(connection, patrol)
    patrols.add_track(connection, patrol_id, patrol, walk.key, walk.source, walk.fixes)
    return patrol_id, True


def _patrol(post: Post, registry: Registry, walk: Walk) -> Patrol:
    track = measured(walk.fixes, walk.means.fastest_m_s)
    beside = reaches_seen(track, (registry.reaches[code] for code in post.reaches))
    shown = beside if walk.seen is None else walk.seen
    seen = {code: share for code, share in shown.items() if share and code in post.reaches}
    if not seen:
        raise NotThereError(walk.post)
    return Patrol(
        post.code,
        tuple(seen),
        walk.means,
        walk.started_at,
        walk.ended_at,
        round(track.length_m, 1),
        walk.problems,
        walk.note,
        share_of(seen, (registry.reaches[code] for code in seen)),
    )
