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

PUBLISHED_SCHEMAS = ("marts", "quality", "reference", "serving")
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
        with duckdb.connect(str(incoming), config={"storage_compatibility_version": STORAGE_VERSION}) as target:
            target.execute(f"attach '{str(build).replace(chr(39), chr(39) * 2)}' as build (read_only)")
            _check_publishable(target)
            tables = _tables(target)
            for schema, table in tables:
                _copy(target, schema, table)
            target.execute("detach build")
            target.execute("checkpoint")
        stale_log = incoming.with_name(incoming.name + ".wal")
        if stale_log.exists():
            raise NotPublishableError(f"{stale_log} is still there after the checkpoint.")
        _sync(incoming)
        incoming.replace(published)
        _sync(published.parent)
    return len(tables)


def _check_publishable(target: duckdb.DuckDBPyConnection) -> None:
    try:
        [(is_publishable,)] = target.execute("select is_publishable from build.raw.build_state").fetchall()
    except duckdb.CatalogException:
        is_publishable = False
    if not is_publishable:
        raise NotPublishableError("The last build was not a whole `dbt build` that passed every test.")


def _tables(target: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return target.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = 'build' and list_contains(?, table_schema) order by all",
        [list(PUBLISHED_SCHEMAS)],
    ).fetchall()


def _copy(target: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
    """Copies a table, or what a view shows, with the comments that document it."""
    target.execute(f'create schema if not exists "{schema}"')
    target.execute(f'create table "{schema}"."{table}" as select * from build."{schema}"."{table}"')
    comments = target.execute(
        "select '', comment from duckdb_tables() where database_name = 'build' and schema_name = $schema "
        "and table_name = $table and comment is not null union all "
        "select '.\"' || column_name || '\"', comment from duckdb_columns() where database_name = 'build' "
        "and schema_name = $schema and table_name = $table and comment is not null",
        {"schema": schema, "table": table},
    ).fetchall()
    for column, comment in comments:
        kind = "column" if column else "table"
        text = comment.replace("'", "''")
        target.execute(f'comment on {kind} "{schema}"."{table}"{column} is \'{text}\'')


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
