"""How often to measure: normal, alarm, low battery, storage. Pure.

storage       by command: wakes to listen for the command that ends it, measures nothing
low battery   below low_battery_v until above battery_ok_v: a buoy that lasts says more
alarm         while alarm.py holds one
"""

NORMAL, ALARM, LOW_BATTERY, STORAGE = "normal", "alarm", "low_battery", "storage"


class Modes:
    """`settings` holds the parameters; `alarm` is an alarm.Alarm."""

    def __init__(self, settings, alarm, battery_is_low=False):
        self._settings = settings
        self._alarm = alarm
        self.battery_is_low = battery_is_low

    def see_battery(self, battery_v):
        """True where the battery became low or recovered."""
        was = self.battery_is_low
        if battery_v < self._settings.low_battery_v:
            self.battery_is_low = True
        elif battery_v > self._settings.battery_ok_v:
            self.battery_is_low = False
        return self.battery_is_low != was

    @property
    def mode(self):
        if self._settings.mode == "storage":
            return STORAGE
        if self.battery_is_low:
            return LOW_BATTERY
        return NORMAL if self._alarm.cause is None else ALARM

    @property
    def interval_s(self):
        """Between two readings; in storage between two wakings."""
        settings = self._settings
        return {
            NORMAL: settings.sample_interval_s,
            ALARM: min(settings.alarm_interval_s, settings.sample_interval_s),
            LOW_BATTERY: max(settings.low_battery_interval_s, settings.sample_interval_s),
            STORAGE: settings.storage_interval_s,
        }[self.mode]
