"""From samples to findings to incidents. Pure: state in, decisions with their reasons out."""
