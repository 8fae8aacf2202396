"""From columns of numpy to a table of DuckDB, with the types that dbt's models promise."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from dbt.adapters.events.logging import AdapterLogger

# The packages of requirements/science.txt by the names that Python imports them by.
EXTRA = ("pandas", "scipy", "sklearn", "statsmodels", "threadpoolctl")

LOGGER = AdapterLogger("DuckDB")


def table_of(dbt, session, types: Mapping[str, str], compute: Callable[[], Mapping[str, Sequence]]):
    """A relation with one column for each of `types`, holding what `compute` gives.

    dbt       what dbt hands to a Python model, which knows the model's name
    session   DuckDB's connection, as dbt hands it over, too
    types     column name -> DuckDB type, in the order of the table
    compute   gives column name -> values, all of one length: a numpy array, or a list; NaN and None are null

    Where a package of the extra is not installed, the table is empty and a warning says so; any other error is raised.
    """
    try:
        columns = compute()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRA:
            raise
        LOGGER.warning(
            f"{package} is not installed: {dbt.this.identifier} is left empty. "
            "`make build` installs it; so does pip install -r requirements/science.txt."
        )
        columns = {name: [] for name in types}
    if columns.keys() != types.keys():
        raise ValueError(f"columns {sorted(columns)} are not those promised: {sorted(types)}")
    values = {name: _as_array(columns[name]) for name in types}
    # Not a number is no answer, and a table says so with null.
    selected = ", ".join(
        f"cast(nullif({name}, 'nan') as {kind}) as {name}"
        if values[name].dtype.kind == "f"
        else f"cast({name} as {kind}) as {name}"
        for name, kind in types.items()
    )
    return session.sql(f"select {selected} from values")


def columns_of(relation) -> dict[str, np.ndarray]:
    """The columns of a relation of DuckDB by name; null is NaN in numbers, and None in all else."""
    return {name: _filled(values) for name, values in relation.fetchnumpy().items()}


def chunks_of(relation, vectors: int):
    """The same piece by piece, so many vectors of DuckDB (2,048 rows) each; nothing where there are no rows.

    The relation must not be executed before: it would be in memory as a whole then. No other query can run meanwhile.
    """
    while len(chunk := relation.fetch_df_chunk(vectors)):
        yield {name: chunk[name].to_numpy() for name in chunk.columns}


def _filled(values: np.ndarray) -> np.ndarray:
    if not isinstance(values, np.ma.MaskedArray):
        return values
    if values.dtype.kind in "bif":
        return values.astype(np.float64).filled(np.nan)
    return values.astype(object).filled(None)


def _as_array(column: Sequence) -> np.ndarray:
    """A column as DuckDB reads it from numpy: text and what may be None as objects."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "bifuM":
        return column
    return np.array(list(column), dtype=object)
