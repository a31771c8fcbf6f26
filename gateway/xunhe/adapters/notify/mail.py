"""Mail as a channel."""

import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import make_msgid

from xunhe.adapters.notify.bundle import one_text
from xunhe.adapters.notify.notifier import destination_of
from xunhe.desk.notice_text import Room
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent
from xunhe.outward_settings.notify import MailChannelSettings
from xunhe.settings import MailSettings

_TIMEOUT_S = 15.0
_ROOM = Room(65_536)


class Mail:
    """A mail server as a destination."""

    pace = Pace(batch=50, most=60, is_one=True)

    def __init__(self, settings: MailChannelSettings) -> None:
        self.name = destination_of(settings.name)
        self._server = settings.server

    def wants(self, message: Message) -> bool:
        """What the notifier files under its name is for it; it has no other source."""
        return False

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """All that waits for the first one's recipient, in one mail."""
        if not messages:
            return []
        text, count = one_text(messages, _ROOM)
        to = messages[0].body["to"]
        recipients = (to,) if to else self._server.to
        if not recipients:
            return [Outcome(Sent.REFUSED, "neither the recipient nor the server says `to`")]
        return [self._send(_mail(self._server, recipients, text))] * count

    def _send(self, mail: EmailMessage) -> Outcome:
        try:
            post(self._server, mail)
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            return Outcome(Sent.FAILED, f"the server refused the recipient: {codes}")
        except smtplib.SMTPAuthenticationError as error:
            return Outcome(Sent.LATER, f"the server refused user or password: {error.smtp_code}")
        except smtplib.SMTPResponseException as error:
            return Outcome(Sent.FAILED, f"the server answered {error.smtp_code}")
        except (smtplib.SMTPException, OSError) as error:
            return Outcome(Sent.LATER, f"no mail server: {type(error).__name__}")
        return DONE


def post(settings: MailSettings, mail: EmailMessage) -> None:
    """Hand a mail to the server. Raises SMTPException or OSError."""
    with smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT_S) as server:
        if settings.starttls:
            server.starttls()
        if settings.user is not None:
            server.login(settings.user, settings.password or "")
        server.send_message(mail)


def _mail(settings: MailSettings, recipients: Sequence[str], text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = f"巡河 xunhe {text.partition(chr(10))[0]}"
    mail["From"], mail["To"] = settings.sender, ", ".join(recipients)
    mail["Message-ID"] = make_msgid(domain="xunhe")
    mail.set_content(text + "\n")
    return mail
