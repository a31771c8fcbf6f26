"""`xunhe bench upstream`: HJ 212 decoded, live data beside a backlog, 48 hours made good."""
