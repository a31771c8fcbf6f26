"""Every parser against spoilt bytes; the long form is `make fuzz`."""
