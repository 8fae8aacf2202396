"""Conventions of the project that no linter knows."""

import json
import re

import pytest
import yaml
from conftest import PROJECT

CODE = [
    path
    for folder in ("models", "macros", "analyses", "snapshots", "seeds", "tests")
    for path in (PROJECT / folder).rglob("*")
    if path.suffix in (".sql", ".yml")
]


def used(pattern: str) -> set[str]:
    """What a pattern's first group finds in the project's SQL and YAML."""
    return {match for path in CODE for match in re.findall(pattern, path.read_text("utf-8"))}


def test_the_stand_in_has_all_that_is_used_of_dbt_utils():
    stand_in = "\n".join(path.read_text() for path in (PROJECT / "vendor" / "dbt_utils").rglob("*.sql"))
    has = set(re.findall(r"{% (?:test|macro) (\w+)\(", stand_in))
    assert used(r"dbt_utils\.(\w+)") == has


@pytest.mark.parametrize("path", sorted(PROJECT.glob("macros/engines/*.sql")), ids=lambda path: path.stem)
def test_a_macro_that_differs_between_engines_is_written_for_both_and_documented(path):
    name = path.stem
    macros = re.findall(r"{% macro (\w+)\((.*?)\)", path.read_text())
    assert [macro for macro, _ in macros] == [name, f"duckdb__{name}", f"spark__{name}"]
    [arguments] = {arguments for _, arguments in macros}
    [described] = [
        macro for macro in yaml.safe_load((path.parent / "_macros.yml").read_text())["macros"] if macro["name"] == name
    ]
    assert described["description"] and all(argument["description"] for argument in described.get("arguments", []))
    assert ", ".join(argument["name"] for argument in described.get("arguments", [])) == arguments


def test_no_seed_lacks_a_type_for_a_column():
    """On Spark a seed is written by these alone."""
    for path in (PROJECT / "seeds").rglob("*.csv"):
        [seed] = yaml.safe_load(path.with_suffix(".yml").read_text())["seeds"]
        header = path.read_text().splitlines()[0].split(",")
        assert list(seed["config"]["column_types"]) == header


def test_the_stand_in_says_the_version_it_stands_for():
    [package] = yaml.safe_load((PROJECT / "packages.yml").read_text())["packages"]
    stand_in = yaml.safe_load((PROJECT / "vendor" / "dbt_utils" / "dbt_project.yml").read_text())
    assert stand_in["version"] == package["version"]


def test_every_variable_is_declared_explained_used_and_has_no_other_default():
    text = (PROJECT / "dbt_project.yml").read_text()
    declared = set(yaml.safe_load(text)["vars"])
    assert used(r"\bvar\(\\?['\"](\w+)['\"]\)") == declared
    assert used(r"\bvar\(\\?['\"](\w+)['\"]\s*,") == set()
    for name in declared:
        assert re.search(rf"(  #.*\n)+(  \w+:.*\n)?  {name}:", text), f"{name} has no comment above it"


def test_every_declared_feed_is_loaded_checked_and_counted():
    declared = {
        (source["name"], table["name"])
        for path in (PROJECT / "models" / "staging").rglob("*__sources.yml")
        for source in yaml.safe_load(path.read_text())["sources"]
        for table in source["tables"]
        if "key" in table.get("config", {}).get("meta", {})
    }
    listed = re.findall(
        r"'source': '(\w+)', 'name': '(\w+)', 'model': '(\w+)'",
        (PROJECT / "macros" / "feeds" / "feeds.sql").read_text(),
    )
    assert {(source, feed) for source, feed, _ in listed} == declared
    assert all(model == f"base_{source}__{feed}" for source, feed, model in listed)


@pytest.mark.parametrize("path", sorted(PROJECT.glob("models/**/*.sql")), ids=lambda path: path.stem)
def test_a_model_has_its_yaml_beside_it(path):
    [model] = yaml.safe_load(path.with_suffix(".yml").read_text())["models"]
    assert model["name"] == path.stem


def test_requirements_are_pinned_with_hashes_and_name_no_index():
    for path in (PROJECT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert not re.search(r"://|--(extra-)?index-url|--find-links", text)
        requirements = re.split(r"\n(?=\S)", text.strip())
        assert all("==" in requirement and "--hash=sha256:" in requirement for requirement in requirements)


def test_what_the_tests_need_contains_what_the_build_and_its_extras_need():
    build, science, metrics, test = (
        set(re.findall(r"^(\S+==\S+)", (PROJECT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
        for name in ("build", "science", "metrics", "test")
    )
    assert build <= science <= test
    assert build <= metrics <= test


def test_the_storage_version_is_the_same_for_building_and_publishing():
    from publish import STORAGE_VERSION

    profile = (PROJECT / "profiles.yml").read_text()
    assert re.findall(r"storage_compatibility_version: (\S+)}", profile) == [STORAGE_VERSION]


def test_every_seed_row_names_a_real_column(sample_build):
    """A misspelt component in score_weights would silently count for nothing."""
    columns = {
        name for (name,) in sample_build.query("select column_name from duckdb_columns() where schema_name = 'marts'")
    }
    named = sample_build.query("select score, component from reference.score_weights")
    assert {name for row in named for name in row} <= columns


def test_marts_carry_their_documentation(sample_build):
    undocumented = sample_build.query(
        "select table_name, column_name from duckdb_columns() "
        "where schema_name in ('marts', 'quality', 'reference') and comment is null"
    )
    assert undocumented == []


def test_a_run_records_no_user(sample_build):
    manifest = json.loads((sample_build.home / "target" / "manifest.json").read_text())
    assert manifest["metadata"]["send_anonymous_usage_stats"] is False
