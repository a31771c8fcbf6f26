"""What a telephone says of time: how long ago, never when.

A telephone's clock may be wrong by years; how much time has passed on it is nearly right. It tells
the age of a thing when it sends it, and the gateway counts back from its own clock. Durations stay
as they were walked; the river's clock may run faster than people, as the virtual river's does.
"""

from datetime import datetime, timedelta

from xunhe.web.console import Console

OLDEST = timedelta(days=60)
_UNSURE = timedelta(minutes=2)


def ago(console: Console, age_s: float) -> datetime | None:
    """The river's time so many of a person's seconds ago.

    None where the age cannot be: the telephone's clock was changed in between, or the thing is
    older than `OLDEST`.
    """
    age = timedelta(seconds=age_s)
    if not -_UNSURE <= age <= OLDEST:
        return None
    return console.clock.now() - max(age, timedelta(0)) * console.time_factor
