"""A whole province on one machine: broker nodes, PostgreSQL, desk workers, simulated gateways."""
