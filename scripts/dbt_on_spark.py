"""Runs dbt on Spark: loads the feeds, shows Spark the raw store, then runs dbt's command with `--target spark`.

    python scripts/dbt_on_spark.py build [arguments for dbt]

All in one process: a catalog in memory lives as long as that, and no longer. So the tables of another process, which it
does not know, are removed first, unless ENGAGEMENT_SPARK_CATALOG names another catalog or ENGAGEMENT_SPARK_WAREHOUSE a
place of their own.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import install_packages
import pyspark
from dbt.cli.main import dbtRunner

from loader.feeds import Feed
from loader.spark import load_for_spark

PROJECT = Path(__file__).resolve().parent.parent


class SparkRunError(Exception):
    """A step that failed. The message says which."""


def declared_feeds(manifest) -> list[Feed]:
    """Every feed that the sources declare."""
    feeds = []
    for source in manifest.sources.values():
        if "key" in source.config.meta:
            columns = [{**column.config.meta, "name": column.name} for column in source.columns.values()]
            feeds.append(Feed.from_declaration({**source.config.meta, "name": source.name, "columns": columns}))
    return sorted(feeds, key=lambda feed: feed.name)


def dbt(*arguments: str):
    """Runs a dbt command on Spark and returns what dbtRunner returns of it."""
    done = dbtRunner().invoke([*arguments, "--target", "spark"])
    if not done.success:
        raise SparkRunError(f"dbt {' '.join(arguments)} failed on Spark. {done.exception or ''}")
    return done.result


def home() -> Path:
    """The folder that ENGAGEMENT_HOME names."""
    return Path(os.environ.get("ENGAGEMENT_HOME", "warehouse"))


def load(full_refresh: bool = False) -> None:
    """Brings the raw store to what the files hold, and Spark's schema `raw` to what the store holds."""
    raw_dir = Path(os.environ.get("ENGAGEMENT_RAW_DIR", "data/sample"))
    feeds = declared_feeds(dbt("--quiet", "parse"))
    report, statements = load_for_spark(feeds, raw_dir, home() / "raw", full_refresh)
    print(*report.loaded, *(f"Warning: {line}" for line in report.warnings), sep="\n", flush=True)
    if report.errors:
        raise SparkRunError("\n".join(report.errors))
    dbt("--quiet", "run-operation", "run_statements", "--args", json.dumps({"statements": statements}))


def prepare() -> None:
    """What a session needs besides its target: the dbt packages, and where Spark itself lies."""
    os.chdir(PROJECT)
    os.environ.setdefault("SPARK_HOME", str(Path(pyspark.__file__).parent))
    is_in_memory = os.environ.get("ENGAGEMENT_SPARK_CATALOG", "in-memory") == "in-memory"
    if is_in_memory and "ENGAGEMENT_SPARK_WAREHOUSE" not in os.environ:
        shutil.rmtree(home() / "spark", ignore_errors=True)
    if install_packages.main() != 0:
        raise SparkRunError("The dbt packages could not be installed.")


def main() -> int:
    try:
        prepare()
        load(full_refresh="--full-refresh" in sys.argv)
        dbt(*sys.argv[1:])
    except SparkRunError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
