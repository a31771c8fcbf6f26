"""Carriers: ways for messages of a kind. Which one a buoy has is its configuration.

    open() -> bool               True when up; False: in progress, call again
    close(), drop()              with a word, and without one after a failure
    send(kind, payload)          "readings", "status", "report"
    poll(wait_ms)                (kind, payload) with "ack", "command", "update"; None: time is up
    is_free()                    a message sent now would leave soon
    is_exhausted()               none would leave for long: a buoy had better sleep
    memory(), remember(kept)     what must outlive a deep sleep, as a JSON value
    used_bytes()                 on the air since the carrier was made
    max_batch, ack_timeout_ms, status_ms
    on_network_time              a callback for Unix seconds, set by whoever keeps the clock

Every failure is a LinkError.
"""


def build(board, settings):
    """The carrier that the section `uplink` of the settings asks for."""
    wanted = settings.uplink
    if wanted.carrier == "radio":
        from xunhe_buoy.carriers.radio import RadioCarrier

        return RadioCarrier(board, settings.device, wanted.radio)
    from xunhe_buoy.carriers.mqtt import MqttCarrier

    return MqttCarrier(board, settings, _link(board, settings))


def _link(board, settings):
    """The link below MQTT; what it costs is counted below TLS."""
    from xunhe_buoy.links.metered import MeteredLink

    wanted = settings.uplink
    if wanted.carrier == "modem":
        from xunhe_buoy.links.modem import ModemLink

        link = MeteredLink(ModemLink(board, wanted.modem))
    else:
        from xunhe_buoy.links.wifi import WifiLink

        link = MeteredLink(WifiLink(board, wanted.wifi))
    if settings.broker.tls is None:
        return link
    from xunhe_buoy.links.tls import TlsLink

    return TlsLink(link, board, settings.broker.tls)
