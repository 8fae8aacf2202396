"""Independent restatements of the project's definitions, for its tests to compare against."""
