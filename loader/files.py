"""Which file belongs to which feed."""

import difflib
from dataclasses import dataclass, field
from pathlib import Path

from loader.feeds import FeedError

SUFFIXES = (".csv", ".csv.gz", ".parquet")


@dataclass
class Found:
    """What lies in the folder of feeds: the files of each feed, sorted by name, and what to warn of."""

    files: dict[str, list[Path]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def find_files(raw_dir: Path, feeds: list[str]) -> Found:
    """Finds each feed's file (`<feed>.csv`, `.csv.gz` or `.parquet`, in small or capital letters) or folder of such.

    A name that begins with a dot or an underscore is never looked at. What looks like data but belongs to
    no feed is a warning. Raises FeedError where `raw_dir` is no folder, a feed's folder holds no data file,
    or a feed has more than one file or folder of its name.
    """
    if not raw_dir.is_dir():
        raise FeedError(f"ENGAGEMENT_RAW_DIR is {raw_dir}, which is not a folder.")
    found = Found()
    for entry in sorted(raw_dir.iterdir()):
        if entry.name.startswith((".", "_")):
            continue
        name = _feed_name(entry)
        if not _is_utf8(entry.name):
            found.warnings.append(f"{entry.name!a} is not read: its name is not UTF-8.")
        elif name not in feeds:
            found.warnings += _stray(entry, feeds)
        elif entry.is_file() and not _is_data(entry):
            found.warnings.append(f"{entry.name} is not read: a feed is a {_kinds()} file.")
        elif name in found.files:
            raise FeedError(
                f"Feed {name}: {raw_dir} holds more than one file or folder of that name; "
                f"keep one, or put all files into one folder {name}/."
            )
        elif entry.is_dir():
            found.files[name] = _files_in_folder(entry, name, raw_dir, found.warnings)
        else:
            found.files[name] = [entry]
    return found


def _files_in_folder(folder: Path, feed: str, raw_dir: Path, warnings: list[str]) -> list[Path]:
    files = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
        if hidden or path.is_dir():
            continue
        if not _is_utf8(str(path)):
            raise FeedError(f"Feed {feed}: the name of file {path.name!a} is not UTF-8; rename it.")
        if _is_data(path):
            files.append(path)
        else:
            warnings.append(f"{path.relative_to(raw_dir)} is not read: a feed is a {_kinds()} file.")
    if not files:
        raise FeedError(f"Feed {feed}: folder {folder.relative_to(raw_dir)}/ holds no {_kinds()} file.")
    return files


def _feed_name(entry: Path) -> str:
    """The name without what says that it is data, in small letters: `Orders.csv.gz` is `orders`."""
    name = entry.name.lower()
    if entry.is_dir():
        return name
    suffix = next((suffix for suffix in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(suffix)), None)
    return name.removesuffix(suffix) if suffix else name.split(".")[0]


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:  # bytes of the file system that are no UTF-8
        return False
    return True


def _is_data(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES)


def _kinds() -> str:
    return f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"


def _stray(entry: Path, feeds: list[str]) -> list[str]:
    if entry.is_file() and not _is_data(entry):
        return []
    close = difflib.get_close_matches(_feed_name(entry), feeds, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return [f"{entry.name} is not read: there is no feed of that name.{hint}"]
