"""Renders the boards in charts/ from the published file, each to one HTML file beside it.

    python scripts/render_boards.py

A page carries its data, fonts and scripts and asks nothing of the network.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import publish

CHARTS = Path(__file__).resolve().parent.parent / "charts"

STATE_FILE = ".pages"  # beside the pages: what they were rendered from

# The source with a literal path, which saves dbt Charts from loading dbt to resolve it, and any path goes.
SOURCE = """\
sources:
  engagement:
    type: duckdb
    path: {path}
    schema: marts
cache: false
"""


class RenderError(Exception):
    """A board that cannot be rendered. The message is what dbt Charts says."""


def boards() -> list[Path]:
    """The boards: every file in charts/ but defaults and the parts that boards take in."""
    return sorted(path for path in CHARTS.glob("*.yml") if not path.name.startswith("_") and path.name != "meta.yml")


def render(published: Path) -> list[Path]:
    """Renders every board from `published` and puts the pages beside it, each in one step. Returns the pages.

    Pages that were rendered by the same boards from the same content stay.
    """
    pages = [published.with_name(f"{board.stem}.html") for board in boards()]
    state, state_file = _state(published), published.with_name(STATE_FILE)
    if all(page.exists() for page in pages) and state_file.exists() and state_file.read_text("utf-8") == state:
        return pages
    with tempfile.TemporaryDirectory(dir=published.parent, prefix=".incoming-") as folder:
        project = Path(folder)
        shutil.copytree(CHARTS, project / "charts")
        quoted = str(published).replace("'", "''")
        (project / "dbt_charts.yml").write_text(SOURCE.format(path=f"'{quoted}'"), "utf-8")
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # each board is a process of its own
            rendered = list(pool.map(lambda board: _run_dct(project, board.name), boards()))
        for page in rendered:
            page.replace(published.with_name(page.name))
        state_file.write_text(state, "utf-8")
    return pages


def _state(published: Path) -> str:
    """What the pages depend on, hashed: the boards and every row of every published table."""
    digest = hashlib.sha256()
    for path in sorted(CHARTS.glob("*.yml")):
        digest.update(path.name.encode() + path.read_bytes())
    with duckdb.connect(str(published), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        for schema, table in tables:
            rows = connection.execute(
                f'select count(*), sum(cast(hash(content) as hugeint)) from "{schema}"."{table}" as content'
            )
            digest.update(repr((schema, table, rows.fetchone())).encode())
    return digest.hexdigest()


def _run_dct(project: Path, board: str) -> Path:
    """Renders one board of a copy of the charts. Returns the page."""
    dct = Path(sys.executable).with_name("dct")
    page = project / Path(board).with_suffix(".html").name
    # The page's name alone: dbt Charts would take braces in a folder's name for placeholders.
    options = ["--project-dir", ".", "--format", "html", "--no-cache", "--no-warnings", "--output", page.name]
    done = subprocess.run(
        [dct, "render", f"charts/{board}", *options],
        cwd=project,
        env=os.environ | {"DO_NOT_TRACK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not page.exists():
        raise RenderError(f"{board} cannot be rendered:\n{done.stdout}")
    return page


def main() -> int:
    try:
        pages = render(publish.published_file())
    except RenderError as error:
        print(error, file=sys.stderr)
        return 1
    print(*pages, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
