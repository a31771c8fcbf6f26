"""`xunhe https`: the site's own certificate authority."""
