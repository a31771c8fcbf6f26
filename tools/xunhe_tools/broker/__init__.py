"""`xunhe broker`: TLS and topic rights of the MQTT broker."""
