"""Links to platforms and programs of others."""

from typing import Annotated, Literal

from pydantic import Field

from xunhe.outward_settings.notify import Filled, Name, WebAddress
from xunhe.settings import Port, Positive, Section

What = Literal["incident", "readings"]
Topic = Annotated[str, Field(pattern=r"^[^#+\s]+[^#+/\s]$")]
Level = Annotated[str, Field(pattern=r"^[^#+/\s]+$")]  # of a topic


class WebhookSettings(Section):
    """Posts CloudEvents to an address, signed after Standard Webhooks: `secret` is whsec_ and
    base64 of 24 to 64 bytes."""

    name: Name
    url: WebAddress
    secret: Annotated[str, Field(pattern=r"^whsec_[A-Za-z0-9+/]{32,88}={0,2}$")] = Field(repr=False)
    sends: tuple[What, ...] = ("incident",)
    a_minute: Annotated[int, Field(ge=0)] = 600


class BrokerSettings(Section):
    """How a platform's broker is reached."""

    name: Name
    host: Filled
    port: Port = 8883
    tls: bool = True
    ca: Filled | None = None  # PEM file; None: the system's authorities
    user: str | None = None
    password: str | None = Field(default=None, repr=False)


class MqttUpstreamSettings(BrokerSettings):
    """A platform's broker. Messages go to `topic`/…; the platform answers on `topic`/ack.

    `ack = "application"`: a message has arrived once the platform has named its key; `"broker"`:
    once the broker has it, which is no proof that anybody stored it.
    """

    topic: Topic = "xunhe/up"
    ack: Literal["application", "broker"] = "application"
    ack_wait_s: Positive = 10
    sends: tuple[What, ...] = ("incident", "readings")
    live_s: Positive = 120


class ProvinceSettings(BrokerSettings):
    """The desk of the province, which then opens the tickets. `name` is this gateway's code there,
    `key` what it was enrolled with, 32 bytes in hex. `nodes` are more brokers of the same cluster,
    host:port, tried in turn while one is away. A parcel without the desk's receipt goes again after
    `again_s`, longer than a cluster needs for another leader."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    key: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")] = Field(repr=False)
    nodes: tuple[Annotated[str, Field(pattern=r"^[^:\s]+:\d{1,5}$")], ...] = ()
    again_s: Positive = 15

    def at_node(self, turn: int) -> "ProvinceSettings":
        """The same at one of the nodes; `host` and `port` name the first."""
        if not turn % (len(self.nodes) + 1):
            return self
        host, _, port = self.nodes[turn % (len(self.nodes) + 1) - 1].rpartition(":")
        return self.model_copy(update={"host": host, "port": int(port)})


class SparkplugSettings(BrokerSettings):
    """An edge node of Sparkplug B; every station is a device of it.

    `primary_host`: readings wait while this host application is not there; left out: for nobody.
    """

    group: Level
    node: Level = "xunhe"
    primary_host: Level | None = None
    aliases: bool = True  # false for a host that does not know them
    live_s: Positive = 120
    confirm_s: Positive = 10


class HomeAssistantSettings(BrokerSettings):
    """The broker of a Home Assistant: it finds the stations under `discovery` by itself; their
    newest values stay under `topic`."""

    discovery: Level = "homeassistant"
    topic: Topic = "xunhe/home"
    confirm_s: Positive = 10


class CapSettings(Section):
    """Alerts in CAP 1.2 at /cap. `sender` is a name of this office's own, such as a domain."""

    sender: Annotated[str, Field(pattern=r"^[^\s,<&]+$")]
    is_exercise: bool = False


class Open311Settings(Section):
    """Citizens' reports by programs of others, after Open311 GeoReport v2 at /open311/v2.

    Whoever may send has one of `keys`; each sends so many an hour, for all its users together.
    """

    jurisdiction: Annotated[str, Field(pattern=r"^[\w.-]+$")]
    keys: tuple[Annotated[str, Field(min_length=16)], ...] = Field(default=(), repr=False)
    reports_an_hour: Annotated[int, Field(ge=1)] = 60
