"""The desk's rules of time, as one value that is handed to whoever opens or moves tickets."""

from dataclasses import dataclass, field
from datetime import timedelta

from xunhe.desk.calendar import WorkCalendar
from xunhe.desk.deadline import Terms


@dataclass(frozen=True, slots=True)
class DeskRules:
    """`watch`: how long the river is asked; `recurrence`: how soon a new alert is the old problem;
    `archive`: how long a closed ticket may still be looked back at before it is archived.
    `is_elsewhere`: a province's desk opens the tickets; what is found here is passed on to it."""

    terms: Terms = field(default_factory=Terms)
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    watch: timedelta = timedelta(hours=6)
    recurrence: timedelta = timedelta(days=30)
    archive: timedelta = timedelta(days=120)
    is_elsewhere: bool = False
