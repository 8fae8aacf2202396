"""How dbt calls the loader: a dbt-duckdb plugin, which gives the build's connection SQL functions.

`load_feeds` brings schema `raw` to what the files hold; `keep_assignments` keeps who was assigned in experiments.
"""

import json
from dataclasses import asdict
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin

from loader.assignments import keep_assignments
from loader.feeds import Feed
from loader.load import Report, describe_failure, load_feeds
from loader.store import first_line


class Plugin(BasePlugin):
    """Configured in profiles.yml with `raw_dir` (the folder of feeds) and `store_dir` (the raw store)."""

    def initialize(self, plugin_config: dict) -> None:
        self._raw_dir = Path(plugin_config["raw_dir"])
        self._store_dir = Path(plugin_config["store_dir"])

    def update_connection_config(self, creds, config) -> None:
        """DuckDB makes a file but not its folder."""
        Path(creds.path).parent.mkdir(parents=True, exist_ok=True)

    def configure_connection(self, conn) -> None:
        def load(declarations: str, full_refresh: bool) -> str:
            """Takes the feeds' declarations as JSON, returns the report as JSON."""
            feeds = [Feed.from_declaration(declaration) for declaration in json.loads(declarations)]
            try:
                # A cursor of its own: the one that runs this function is busy running it.
                with conn.cursor() as cursor:
                    report = load_feeds(cursor, feeds, self._raw_dir, self._store_dir, full_refresh)
            except Exception as error:  # anything raised here would reach the user as a stack trace of SQL
                report = Report(errors=[describe_failure(error)])
            return json.dumps(asdict(report))

        def keep(relation: str) -> str:
            """Takes the name of the table of what was dealt, returns what went wrong, or an empty text."""
            try:
                with conn.cursor() as cursor:
                    keep_assignments(cursor, relation, self._store_dir)
            except Exception as error:
                return f"What {relation} assigns could not be kept, and counts for nothing ({first_line(error)})."
            return ""

        conn.create_function("keep_assignments", keep, ["VARCHAR"], "VARCHAR", side_effects=True)
        conn.create_function("load_feeds", load, ["VARCHAR", "BOOLEAN"], "VARCHAR", side_effects=True)
