"""What `outward.toml` says: where things go outside this gateway. It holds secrets."""
