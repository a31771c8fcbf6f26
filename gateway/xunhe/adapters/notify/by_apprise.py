"""Any other service, by the optional library apprise (BSD-2-Clause)."""

from collections.abc import Sequence
from typing import Any

from xunhe.adapters.notify.bundle import one_text
from xunhe.adapters.notify.notifier import destination_of
from xunhe.desk.notice_text import Room
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.notify import AppriseSettings
from xunhe.settings import SettingsError

_ROOM = Room(2048)


class ByApprise:
    """A service that apprise knows. SettingsError where apprise or the address is missing."""

    pace = Pace(batch=20, most=20, is_one=True)

    def __init__(self, settings: AppriseSettings) -> None:
        self.name = destination_of(settings.name)
        self._service: Any = _apprise().Apprise()
        if not self._service.add(settings.url):
            raise SettingsError(f"channel {settings.name}: apprise does not know this URL")

    def wants(self, message: Message) -> bool:
        """What the notifier files under its name is for it; it has no other source."""
        return False

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """As many as one text holds."""
        if not messages:
            return []
        text, count = one_text(messages, _ROOM)
        done = self._service.notify(title="巡河 xunhe", body=text)
        return [DONE if done else Outcome(Sent.LATER, "apprise could not deliver it")] * count


def _apprise() -> Any:
    try:
        import apprise  # noqa: PLC0415  optional
    except ImportError:
        raise SettingsError(
            "a channel of kind apprise needs the library: pip install 'xunhe[apprise]'"
        ) from None
    return apprise
