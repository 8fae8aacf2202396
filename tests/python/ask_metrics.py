"""Asks the metric layer several things at once: the start of MetricFlow takes longer than its answers.

    python ask_metrics.py < questions.json > answers.json

Runs in the project's folder, or one that looks like it, where target/ holds the manifest of a build. Reads a list of
[metrics, group_by], and prints an object of
    issues    what MetricFlow finds wrong with the layer, by itself and against the warehouse: a list of texts
    answers   for each question the rows, each the values of group_by and of metrics in their order; dates as texts
"""

import json
import sys
import warnings
from datetime import date, datetime
from pathlib import Path

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
from metricflow.validation.data_warehouse_model_validator import DataWarehouseModelValidator
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator


def plain(value: object) -> object:
    """A value that JSON can hold."""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return value if value is None or isinstance(value, int | float | str) else float(value)


def issues(layer: CLIConfiguration) -> list[str]:
    manifest = layer.semantic_manifest
    found = SemanticManifestValidator().validate_semantic_manifest(manifest).all_issues
    warehouse = DataWarehouseModelValidator(sql_client=layer.sql_client)
    for validate in (
        warehouse.validate_semantic_models,
        warehouse.validate_dimensions,
        warehouse.validate_entities,
        warehouse.validate_simple_metrics,
        warehouse.validate_metrics,
    ):
        found += validate(manifest, None).all_issues
    return [issue.as_readable_str() for issue in found]


def answer(layer: CLIConfiguration, metrics: list[str], group_by: list[str]) -> list[list]:
    asked = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by)
    table = layer.mf.query(asked).result_df
    places = [list(table.column_names).index(name) for name in (*group_by, *metrics)]
    return [[plain(row[place]) for place in places] for row in table.rows]


def main() -> None:
    warnings.filterwarnings("ignore")
    layer = CLIConfiguration()
    layer.setup(dbt_project_path=Path.cwd(), configure_file_logging=False)
    questions = json.load(sys.stdin)
    answers = [answer(layer, metrics, group_by) for metrics, group_by in questions]
    json.dump({"issues": issues(layer), "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
