"""Checks of configuration at the edge: an error names the key and says what to do."""


class ConfigError(ValueError):
    """A setting that cannot be used."""


def know_all(config, keys, where):
    if not isinstance(config, dict):
        raise ConfigError("%s must be a JSON object" % (where[:-1] or "the configuration"))
    for key in config:
        if key not in keys:
            raise ConfigError("%s%s is not a setting; known: %s" % (where, key, ", ".join(keys)))


def required(config, key):
    if config.get(key) is None:
        raise ConfigError("%s is missing; add it to the configuration" % key)
    return config[key]


def entries(config, key):
    value = required(config, key)
    if not isinstance(value, list) or not value:
        raise ConfigError("%s must be a list with at least one entry" % key)
    return value


def text(config, key):
    value = required(config, key)
    if not isinstance(value, str) or not value:
        raise ConfigError("%s must be text" % key)
    return value


def topic_level(config, key):
    value = text(config, key)
    for c in "/+#. \0":  # dots inside a topic level make trouble in NATS 2.9
        if c in value:
            raise ConfigError("%s %r: leave out %r, it names an MQTT topic level" % (key, value, c))
    return value


def hex_bytes(config, key, size):
    """Bytes; the message never shows the value, because the key is a secret."""
    digits = text(config, key)
    try:
        value = bytes.fromhex(digits)
    except ValueError:
        value = b""
    if len(value) != size or len(digits) != 2 * size:
        raise ConfigError("%s must be %d hex digits" % (key, 2 * size))
    return value


def number(config, key, low, high, default=None):
    value = config.get(key, default)
    if value is None:
        value = required(config, key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ConfigError("%s is %r; give a number from %d to %d" % (key, value, low, high))
    return value


def whole(config, key, low, high, default=None):
    value = number(config, key, low, high, default)
    if not isinstance(value, int):
        raise ConfigError("%s is %r; give a whole number" % (key, value))
    return value
