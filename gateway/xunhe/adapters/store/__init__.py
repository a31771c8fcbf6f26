"""The store: SQLite (WAL, synchronous FULL) through SQLAlchemy Core."""
