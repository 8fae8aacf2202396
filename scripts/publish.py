"""Publishes the build file: what people read is copied into a new file, which then takes the published one's place.

    python scripts/publish.py

Whoever has the published file open keeps reading the old one; whoever opens it next reads the new one. Nothing is
published unless the last `dbt build` into the build file was a whole one and passed every test.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb

PUBLISHED_SCHEMAS = ("marts", "quality", "reference", "serving", "snapshots")
STORAGE_VERSION = "v1.4.0"  # as in profiles.yml


class NotPublishableError(Exception):
    """The build file must not be published. The message says why."""


PROJECT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """Where builds and published files lie. A relative path starts at the project's folder, as in profiles.yml."""
    return PROJECT / os.environ.get("ENGAGEMENT_HOME", "warehouse")


def build_file() -> Path:
    """The file that dbt builds."""
    return home() / "build" / "engagement.duckdb"


def published_file() -> Path:
    """The file that people read. It has the build file's name, which views in it would refer to."""
    return home() / "published" / "engagement.duckdb"


def publish(build: Path, published: Path) -> int:
    """Copies the published schemas of `build` into a new file and puts it at `published`, in one step.

    Returns the number of tables. Raises NotPublishableError where the last build was not a whole one that passed.
    """
    published.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=published.parent, prefix=".incoming-") as folder:
        incoming = Path(folder) / published.name
        with duckdb.connect() as connection:
            # Under its own name: views in it say it.
            connection.execute(f"attach {_literal(build)} as {build.stem} (read_only)")
            connection.execute(f"attach {_literal(incoming)} as incoming (storage_version '{STORAGE_VERSION}')")
            connection.execute(f"use {build.stem}")
            _check_publishable(connection)
            tables = _tables(connection)
            for schema, table in tables:
                _copy(connection, schema, table)
            connection.execute("checkpoint incoming")
            connection.execute("detach incoming")
        stale_log = incoming.with_name(incoming.name + ".wal")
        if stale_log.exists():
            raise NotPublishableError(f"{stale_log} is still there after the checkpoint.")
        _sync(incoming)
        incoming.replace(published)
        _sync(published.parent)
    return len(tables)


def _check_publishable(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        [(is_publishable,)] = connection.execute("select is_publishable from raw.build_state").fetchall()
    except duckdb.CatalogException:
        is_publishable = False
    if not is_publishable:
        raise NotPublishableError("The last build was not a whole `dbt build` that passed every test.")


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = current_database() and list_contains(?, table_schema) order by all",
        [list(PUBLISHED_SCHEMAS)],
    ).fetchall()


def _copy(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
    """Copies a table, or what a view shows, with the comments that document it."""
    copy = f'incoming."{schema}"."{table}"'
    connection.execute(f'create schema if not exists incoming."{schema}"')
    connection.execute(f'create table {copy} as select * from "{schema}"."{table}"')
    comments = connection.execute(
        "select '', comment from duckdb_tables() where database_name = current_database() "
        "and schema_name = $schema and table_name = $table and comment is not null union all "
        "select '', comment from duckdb_views() where database_name = current_database() "
        "and schema_name = $schema and view_name = $table and comment is not null union all "
        "select '.\"' || column_name || '\"', comment from duckdb_columns() where database_name = current_database() "
        "and schema_name = $schema and table_name = $table and comment is not null",
        {"schema": schema, "table": table},
    ).fetchall()
    for column, comment in comments:
        connection.execute(f"comment on {'column' if column else 'table'} {copy}{column} is {_literal(comment)}")


def _literal(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _sync(path: Path) -> None:
    """Has the operating system write a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(published: Path) -> None:
    """Removes what a publish that was killed left beside the published file."""
    for folder in published.parent.glob(".incoming-*"):
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    try:
        tables = publish(build_file(), published_file())
    except (NotPublishableError, duckdb.Error) as error:
        print(f"Nothing is published: {str(error).splitlines()[0]}", file=sys.stderr)
        return 1
    print(f"Published {tables} tables: {published_file()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
