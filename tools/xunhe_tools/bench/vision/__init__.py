"""`xunhe bench vision`: what watching cameras costs on this machine, and how soon it finds."""
