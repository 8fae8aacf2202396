"""Reads feed files into the raw store and shows them to dbt as views in schema `raw`.

A feed is declared once, in `models/staging/<source>/_<source>__sources.yml`. This package knows nothing
about any one feed: it finds the feed's files, reads every column as text, keeps what it read as Parquet
and says in one sentence what is wrong with a file that cannot be read. Which values are valid is decided
later, in staging.

    files.py     which file belongs to which feed
    headers.py   the first line of a text file: encoding, delimiter, columns
    records.py   rows of a text file that is broken somewhere
    store.py     one file into one Parquet file of the raw store
    load.py      all of it: `load_feeds`
    assignments.py  who was assigned to what in experiments, kept for good
    plugin.py    how dbt calls it
"""
