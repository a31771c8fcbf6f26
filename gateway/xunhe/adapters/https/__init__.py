"""HTTPS without the internet: a site's own certificate authority, and its gateway's certificate."""
