"""The xunhe gateway: observations, incidents and the duty desk."""
