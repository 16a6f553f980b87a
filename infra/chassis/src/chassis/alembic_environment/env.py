"""Alembic's environment for every service, on the connection that `chassis.migrations` made."""

from alembic import context

connection = context.config.attributes["connection"]

context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("target_metadata"),
    include_object=context.config.attributes.get("include_object"),
    transaction_per_migration=True,
)

with context.begin_transaction():
    context.run_migrations()
