"""The broker's rights as amqtt asks for them, message by message."""

from dataclasses import dataclass

from amqtt.contexts import Action
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin
from amqtt.session import Session

from xunhe.adapters.broker_rights import InForce


class RightsPlugin(BaseAuthPlugin, BaseTopicPlugin):  # type: ignore[misc]  # amqtt is untyped
    """The gate has seen the password; here it is topics."""

    @dataclass
    class Config:
        """amqtt's configuration is the only way to hand something in."""

        in_force: InForce

    async def authenticate(self, *, session: Session) -> bool:
        """True: nobody comes here but through the gate."""
        return session.username in self.config.in_force.rights.accounts

    async def topic_filtering(
        self,
        *,
        session: Session | None = None,
        topic: str | None = None,
        action: Action | None = None,
    ) -> bool:
        """May this session publish on, subscribe to or be sent this topic?"""
        rights = self.config.in_force.rights
        name = None if session is None else session.username
        if action is Action.PUBLISH:
            return bool(rights.lets_send(name, topic or ""))
        return bool(rights.lets_hear(name, topic or ""))
