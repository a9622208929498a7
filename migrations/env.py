"""Runs the migrations on the connection that `app.migrating` hands over, or (`alembic …`) on TALUY_DATABASE_URL."""

from alembic import context
from sqlalchemy import Connection

from app.migrating import connected, ours
from app.models import Model
from app.settings import Settings


def run(connection: Connection) -> None:
    """Run what was asked for in the transaction of `connection`."""
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        include_name=ours,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit(
        "Migrations run on a database, not as a script (--sql): they differ between SQLite and PostGIS"
    )
if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    with connected(Settings().database) as own:
        run(own)
