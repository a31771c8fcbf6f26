"""The store: an SQLite file (WAL, synchronous FULL) or PostgreSQL, through SQLAlchemy Core."""
