"""Alembic runs this to migrate; the connection comes from collector.store.database.migrate()."""

from alembic import context

from collector.store.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
# The caller's transaction: a migration that fails leaves nothing behind.
context.run_migrations()
