"""Renders the boards in charts/ from the published file, each to one HTML file beside it.

    python scripts/render_boards.py

A page carries its data, fonts and scripts and asks nothing of the network.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import publish

CHARTS = Path(__file__).resolve().parent.parent / "charts"

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
    """Renders every board from `published` and puts the pages beside it, each in one step. Returns the pages."""
    pages = []
    with tempfile.TemporaryDirectory(dir=published.parent, prefix=".incoming-") as folder:
        project = Path(folder)
        shutil.copytree(CHARTS, project / "charts")
        quoted = str(published).replace("'", "''")
        (project / "dbt_charts.yml").write_text(SOURCE.format(path=f"'{quoted}'"), "utf-8")
        for board in boards():
            page = project / f"{board.stem}.html"
            _run_dct(project, project / "charts" / board.name, page)
            pages.append(page.replace(published.with_name(page.name)))
    return pages


def _run_dct(project: Path, board: Path, page: Path) -> None:
    dct = Path(sys.executable).with_name("dct")
    # The page's name alone: dbt Charts would take braces in a folder's name for placeholders.
    options = ["--project-dir", ".", "--format", "html", "--no-cache", "--no-warnings", "--output", page.name]
    done = subprocess.run(
        [dct, "render", board.relative_to(project), *options],
        cwd=project,
        env=os.environ | {"DO_NOT_TRACK": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0 or not page.exists():
        raise RenderError(f"{board.name} cannot be rendered:\n{done.stdout}")


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
