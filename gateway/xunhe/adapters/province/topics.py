"""Names on the way between gateways and the desk, in MQTT and in NATS (which turns / into .)."""

UP = "xunhe/province/up"  # /<gateway>: parcels
DOWN = "xunhe/province/down"  # /<gateway>: receipts

STREAM = "XUNHE_UP"
CONSUMER = "desk"
UP_SUBJECTS = "xunhe.province.up.*"


def up(gateway: str) -> str:
    """Where a gateway's parcels go."""
    return f"{UP}/{gateway}"


def down(gateway: str) -> str:
    """Where its receipts come from."""
    return f"{DOWN}/{gateway}"


def as_subject(topic: str) -> str:
    """The NATS subject of an MQTT topic without dots."""
    return topic.replace("/", ".")


def sender(name: str) -> str:
    """The gateway in a topic or subject: its last level."""
    return name.replace("/", ".").rpartition(".")[2]
