"""Alembic's way in: runs the revisions on the connection that `daemon.store.migrations` hands over."""

from alembic import context

from daemon.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter a column in place: Alembic then copies the table.
    render_as_batch=True,
)
context.run_migrations()
