"""The channel of each entry of the settings."""

from xunhe.adapters.notify.by_apprise import ByApprise
from xunhe.adapters.notify.mail import Mail
from xunhe.adapters.notify.robot import Robot
from xunhe.adapters.notify.sms import Sms
from xunhe.domain.clock import Clock
from xunhe.domain.outward import Destination
from xunhe.outward_settings.notify import (
    AppriseSettings,
    Channel,
    MailChannelSettings,
    RobotSettings,
    SmsSettings,
)


def channel_of(settings: Channel, machine: Clock) -> Destination:
    """SettingsError where it needs what is not installed."""
    match settings:
        case RobotSettings():
            return Robot(settings, machine)
        case MailChannelSettings():
            return Mail(settings)
        case SmsSettings():
            return Sms(settings)
        case AppriseSettings():
            return ByApprise(settings)
