"""Links: ways to a byte stream. A link is prepared in steps, gives one stream, is switched off.

    prepare() -> bool         True when `connect` may be called, False: call again later
    connect(host, port)       a stream
    network_time_s()          Unix seconds as the network tells them, or None
    off()                     no power more than it must

A stream has `send(data) -> count`, `recv(size) -> bytes` (b"" where the peer has closed),
`settimeout(seconds)` and `close()`, as a socket has them. `recv` and `send` raise OSError, with
ETIMEDOUT when the time is up.

Errors
    OSError
    └── LinkError      the connection is of no use any more; `reason` is one of the R_* words
        └── MqttError  said by MQTT
"""

R_CLOSED = "closed"  # the peer ended the connection
R_TIMEOUT = "timeout"
R_REFUSED = "refused"  # the peer says no
R_MALFORMED = "malformed"
R_NETWORK = "network"  # no route, no name, reset
R_TLS = "tls"  # the peer is not who it must be, or speaks no TLS
R_MODEM = "modem"  # the modem does not answer
R_SIM = "sim"  # no card, or locked
R_DENIED = "denied"  # the mobile network does not want this card
R_COVERAGE = "coverage"  # no mobile network in time


class LinkError(OSError):
    """A reason for the counters, a message for people."""

    def __init__(self, reason, message):
        super().__init__(message)
        self.reason = reason
