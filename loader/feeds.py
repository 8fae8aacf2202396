"""What the loader knows of a feed, and the one exception it raises."""

from dataclasses import dataclass


class FeedError(Exception):
    """A file or folder that cannot be loaded. The message is one sentence for the person who made the file."""


@dataclass(frozen=True)
class Feed:
    """A feed as its source declares it.

    name      the feed's name, and so that of its file, its folder or its table
    columns   every column that the project reads, in the declared order
    required  those of `columns` that a file must have
    keeps     whether rows once loaded stay until a full refresh, whatever becomes of their file
    """

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    keeps: bool = False

    @classmethod
    def from_declaration(cls, declaration: dict) -> "Feed":
        """Makes a feed of `{"name": ..., "history": ..., "columns": [{"name": ..., "required": ...}, ...]}`."""
        columns = declaration["columns"]
        return cls(
            name=declaration["name"],
            columns=tuple(column["name"] for column in columns),
            required=tuple(column["name"] for column in columns if column["required"]),
            keeps=declaration["history"] == "append",
        )

    def match_columns(self, names: list[str], where: str) -> dict[str, int]:
        """Finds the feed's columns among a file's, whatever their order, case and surrounding blanks.

        names  the file's column names, as they stand in it
        where  how to call the file in a message, such as "file user_activity.csv"

        Returns the position of each column found. Raises FeedError where a required column is missing or
        a column of the feed stands twice.
        """
        folded = [name.strip().casefold() for name in names]
        for column in self.columns:
            if folded.count(column) > 1:
                raise FeedError(f"Feed {self.name}: {where} has the column {column} {folded.count(column)} times.")
        missing = [column for column in self.required if column not in folded]
        if missing:
            noun = "the required column" if len(missing) == 1 else "the required columns"
            raise FeedError(f"Feed {self.name}: {where} lacks {noun} {', '.join(missing)}; it has {_listed(names)}.")
        return {column: folded.index(column) for column in self.columns if column in folded}


def _listed(names: list[str]) -> str:
    """Column names for a message: not too many, and none too long."""
    short = [repr(name if len(name) <= 40 else name[:40] + "…") for name in names[:30]]
    return ", ".join(short) + (" and more" if len(names) > 30 else "") or "no column"
