"""Stops the gateway cleanly before its supply's battery is empty.

Everything that was acknowledged is committed already; a clean stop besides closes clips, streams
and the database, and leaves nothing for the next start to mend.
"""

import logging
from collections.abc import Callable

from xunhe.adapters.ups_nut import Supply, UpsError
from xunhe.settings import UpsSettings

log = logging.getLogger(__name__)

_AGREEING = 2  # a single low reading may be a driver's hiccup


class Guard:
    """`ask` looks at the supply (UpsError), `elapsed_s` is a clock that never goes back."""

    def __init__(
        self,
        settings: UpsSettings,
        ask: Callable[[], Supply],
        elapsed_s: Callable[[], float],
        stop: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._ask = ask
        self._elapsed_s = elapsed_s
        self._stop = stop
        self._heard_s = elapsed_s()
        self._last: Supply | None = None
        self._was_lost = False
        self._low_in_a_row = 0

    def step(self) -> str | None:
        """Look once; the reason for which the gateway was told to stop, if it was."""
        reason = self._judged()
        if reason is not None:
            log.warning("ups: %s: the gateway stops", reason)
            self._stop()
        return reason

    def _judged(self) -> str | None:
        try:
            supply = self._ask()
        except UpsError as error:
            return self._silence(error)
        self._tell_changes(supply)
        self._last, self._heard_s, self._was_lost = supply, self._elapsed_s(), False
        reason = self._emergency(supply)
        self._low_in_a_row = 0 if reason is None else self._low_in_a_row + 1
        return reason if supply.is_forced or self._low_in_a_row >= _AGREEING else None

    def _emergency(self, supply: Supply) -> str | None:
        if supply.is_forced:
            return "the supply's server forces a shutdown"
        if not supply.on_battery:
            return None
        if supply.is_low:
            return "the supply says that its battery is low"
        charge, limit = supply.charge_percent, self._settings.stop_percent
        if charge is not None and charge <= limit:
            return f"battery at {charge:g} %, stop at {limit:g} %"
        return None

    def _silence(self, error: UpsError) -> str | None:
        """On mains a server that is away is a fault to log; on battery it is the battery's end."""
        if not self._was_lost:
            log.warning("ups: %s", error)
        self._was_lost = True
        silent_s = self._elapsed_s() - self._heard_s
        if self._last is None or not self._last.on_battery or silent_s < self._settings.lost_s:
            return None
        return f"no word for {silent_s:.0f} s since the supply went on battery"

    def _tell_changes(self, supply: Supply) -> None:
        was_on_battery = self._last is not None and self._last.on_battery
        if supply.on_battery and not was_on_battery:
            log.warning("ups: mains lost, battery at %s %%", supply.charge_percent)
        elif was_on_battery and not supply.on_battery:
            log.info("ups: mains are back")
