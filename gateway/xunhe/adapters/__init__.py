"""The outside: store, broker, MQTT, files. The domain knows none of it."""
