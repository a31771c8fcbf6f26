"""Reports on their way to the gateway: a short queue in RAM.

Rules
    1. Events and answers stay until the gateway's receipt; they are sent again after a
       reconnection and after RESEND_MS. Everything else is sent once.
    2. The queue is short. The oldest report that is sent once makes room first; where all are
       to be kept, a new one is refused, and whoever made it may try again.
"""

from xunhe_buoy import message

CAPACITY = 8
RESEND_MS = 60000
SLEEPING = 3  # reports that RTC memory takes
_KEPT = ("event", "answer")
_PATIENT = "diagnostic"  # waits for the next connection, calls for none


class _Report:
    def __init__(self, number, content):
        self.number = number
        self.body = message.to_body(content)
        self.is_kept = content.get("type") in _KEPT
        self.is_patient = content.get("type") == _PATIENT
        self.sent_ms = None


class Reports:
    """`clock` offers `ticks_ms` and `ticks_diff`."""

    def __init__(self, clock):
        self._clock = clock
        self._waiting = []
        self._number = 0

    def add(self, content):
        """False where there is no room; ValueError where the content is too long."""
        if len(self._waiting) >= CAPACITY and not self._make_room():
            return False
        self._number += 1
        self._waiting.append(_Report(self._number, content))
        return True

    def has_room(self):
        """Whether what can wait should come now: half of the queue is for what cannot."""
        return len(self._waiting) < CAPACITY // 2

    def next_due(self):
        """The oldest report that was not sent, or not lately; None where there is none."""
        for report in self._waiting:
            if report.sent_ms is None or self._age_ms(report) > RESEND_MS:
                return report
        return None

    def sent(self, report):
        report.sent_ms = self._clock.ticks_ms()
        if not report.is_kept:
            self._waiting.remove(report)

    def received(self, number):
        """The gateway has it."""
        self._waiting = [report for report in self._waiting if report.number != number]

    def reconnected(self):
        """What was sent on a link that died may not have arrived."""
        for report in self._waiting:
            report.sent_ms = None

    def is_calling(self):
        """A report waits that is worth a connection."""
        return any(report.sent_ms is None and not report.is_patient for report in self._waiting)

    def is_expecting(self, timeout_ms):
        """A receipt may still come."""
        return any(
            report.sent_ms is not None and self._age_ms(report) < timeout_ms
            for report in self._waiting
        )

    def memory(self):
        """(last number, [(number, content), …]) of the last few that are kept, oldest first."""
        kept = [report for report in self._waiting if report.is_kept][-SLEEPING:]
        return self._number, [(one.number, message.from_body(one.body)) for one in kept]

    def remember(self, kept):
        """Go on from what `memory` gave: a number never comes twice in one boot."""
        self._number, reports = kept
        self._waiting = [_Report(number, content) for number, content in reports]

    def _make_room(self):
        for report in self._waiting:
            if not report.is_kept:
                self._waiting.remove(report)
                return True
        return False

    def _age_ms(self, report):
        return self._clock.ticks_diff(self._clock.ticks_ms(), report.sent_ms)
