"""OGC SensorThings API 1.1 (OGC 18-088), the reading half of its Sensing profile, at /sta/v1.1."""
