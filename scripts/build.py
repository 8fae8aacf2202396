"""Builds everything: dbt packages, the whole `dbt build`, the published file, the pages beside it.

    python scripts/build.py [arguments for `dbt build`]

Stops at the first step that fails. Whatever fails, the published file stays as it was.
"""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import install_packages
import publish
import render_boards

PROJECT = Path(__file__).resolve().parent.parent


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[bool]:
    """Holds the folder's lock. Gives false where another build holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def stop(why: str) -> int:
    """Says why the build ends here and what that means for who reads the published file."""
    published = publish.published_file()
    state = f"{published} is as it was" if published.exists() else "nothing has been published yet"
    print(f"\n{why} Nothing is published: {state}.", file=sys.stderr)
    return 1


def build(arguments: list[str]) -> int:
    """Runs every step. Returns the exit status."""
    if install_packages.main() != 0:
        return stop("The dbt packages could not be installed.")
    dbt = Path(sys.executable).with_name("dbt")
    if subprocess.run([dbt, "build", *arguments], cwd=PROJECT, check=False).returncode != 0:
        return stop("The build failed; the reason stands above.")
    publish.remove_leftovers(publish.published_file())
    try:
        tables = publish.publish(publish.build_file(), publish.published_file())
    except (publish.NotPublishableError, duckdb.Error, OSError) as error:
        return stop(str(error).splitlines()[0])
    print(f"\nPublished {tables} tables:\n  {publish.published_file()}", flush=True)
    try:
        pages = render_boards.render(publish.published_file())
    except render_boards.RenderError as error:
        print(f"\nThe tables are published, but the pages are as they were: {error}", file=sys.stderr)
        return 1
    print("Pages:", *(f"  {page}" for page in pages), sep="\n")
    return 0


def main() -> int:
    with one_at_a_time(publish.home() / "build") as is_ours:
        if not is_ours:
            return stop(f"Another build is running in {publish.home()}.")
        return build(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
