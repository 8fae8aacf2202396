"""Who was assigned to what in experiments: kept in the raw store, so that nobody is assigned a second time.

A running experiment depends on this like on any other input, and nothing else can tell it. So it outlives the build
file and every full refresh, and is only ever added to: one Parquet file for each run that assigned somebody.
"""

import os
from pathlib import Path

import duckdb

from loader.store import path_literal

FOLDER = "assignments"
COLUMNS = {
    "experiment_name": "varchar",
    "user_id": "varchar",
    "variant": "varchar",
    "stratum": "varchar",
    "assigned_at": "timestamp",
    "place_in_stratum": "bigint",
    "block_number": "bigint",
    "place_in_block": "bigint",
}


def show_assignments(connection: duckdb.DuckDBPyConnection, store_dir: Path) -> None:
    """Makes the view raw.kept_assignments of all that is kept; without rows where nothing is."""
    connection.execute(f"create or replace view raw.kept_assignments as {_select_kept(store_dir)}")


def keep_assignments(connection: duckdb.DuckDBPyConnection, relation: str, store_dir: Path) -> int:
    """Adds the rows of a relation to what is kept, whole or not at all, and shows them.

    connection  a DuckDB connection to the build file, with nothing open on it
    relation    a table with the columns of COLUMNS; a user who has an assignment in an experiment keeps that one
    store_dir   the folder of the raw store

    Returns the number of rows added. Once it returns, they are on the disk.
    """
    rows = (
        f"select {', '.join(COLUMNS)} from {relation} as dealt "
        f"where not exists (select 1 from ({_select_kept(store_dir)}) as kept "
        "where kept.experiment_name = dealt.experiment_name and kept.user_id = dealt.user_id)"
    )
    folder = store_dir.absolute() / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.stem) for path in _files(store_dir)), default=0)
    incoming = folder / "next.incoming"
    try:
        [(added,)] = connection.execute(
            f"copy ({rows}) to {path_literal(incoming)} (format parquet, compression zstd)"
        ).fetchall()
        if added:
            _sync(incoming)
            incoming.replace(folder / f"{number:06}.parquet")
            _sync(folder)
    finally:
        incoming.unlink(missing_ok=True)
    show_assignments(connection, store_dir)
    return added


def _files(store_dir: Path) -> list[Path]:
    return sorted((store_dir.absolute() / FOLDER).glob("*.parquet"))


def _select_kept(store_dir: Path) -> str:
    files = _files(store_dir)
    if not files:
        nulls = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in COLUMNS.items())
        return f"select {nulls} where false"
    paths = ", ".join(path_literal(path) for path in files)
    return f"select {', '.join(COLUMNS)} from read_parquet([{paths}])"


def _sync(path: Path) -> None:
    """Has the system write a file, or a folder's list of files, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
