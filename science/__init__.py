"""What SQL cannot say: statistics, models of who comes back, clusters, forecasts.

Each module holds what one or several Python models of dbt call. They get what SQL has summed up or described, and give
columns back; the rules of what is counted stay in SQL. scipy, scikit-learn and statsmodels come with
`requirements/science.txt`, an extra: `table_of` gives an empty table where they are not installed.
"""
