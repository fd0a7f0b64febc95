"""Alembic's folder; run by collector.store.database.migrate()."""
