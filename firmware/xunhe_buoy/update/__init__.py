"""Updates over the air: signed, staged beside the running version, on trial, rolled back."""
