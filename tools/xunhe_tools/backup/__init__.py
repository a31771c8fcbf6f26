"""`xunhe backup`, `xunhe restore`, `xunhe backup-key`."""
