# make build   everything, from the raw files to the published file and its pages
#              make build SCIENCE=no leaves out what only statistics and predictions need; their tables are empty then
# make test    the whole check: the same that CI runs
# make spark   builds the sample on Spark, too, and compares every table with DuckDB, row for row; needs Java 17
# make metrics installs mf, which asks the metric layer: see docs/metrics.md
# make lock    locks the requirements anew, after a change of requirements/*.in

PYTHON ?= python3.11
BIN := .venv/bin
export DO_NOT_TRACK := 1

.PHONY: build test spark metrics lock clean

build: .venv/build $(if $(filter no,$(SCIENCE)),,.venv/science)
	@$(BIN)/python scripts/build.py

test: .venv/test
	@$(BIN)/python scripts/check.py

spark: .venv-spark/ready
	@PYTHONPATH=. .venv-spark/bin/python scripts/compare_on_spark.py

metrics: .venv/metrics
	@echo "Now: .venv/bin/mf list metrics"

lock: .venv/test
	cd requirements && for name in test build science metrics spark; do \
		case $$name in \
			test) inputs="build.in science.in metrics.in test.in";; \
			science | metrics) inputs="build.in $$name.in --constraint test.txt";; \
			*) inputs="$$name.in --constraint test.txt";; \
		esac; \
		../$(BIN)/uv pip compile --python-version 3.11 --universal --generate-hashes --no-strip-extras \
			--no-annotate --no-header --quiet --output-file $$name.txt $$inputs; \
	done

clean:
	rm -rf .venv .venv-spark dbt_packages target logs

.venv/build: requirements/build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo "Python 3.11 is needed: make PYTHON=/path/to/python3.11 build"; exit 1; }
	@echo "Installing what the build needs into .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@touch $@

.venv-spark/ready: requirements/spark.txt
	@java -version > /dev/null 2>&1 || { echo "Java 17 is needed: install it, or set PATH to where it is"; exit 1; }
	@echo "Installing what Spark needs into .venv-spark (about 700 MB) ..."
	@$(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/spark.txt
	@touch $@

.venv/science: .venv/build requirements/science.txt
	@echo "Installing what statistics and predictions need into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/science.txt
	@touch $@

.venv/metrics: .venv/build requirements/metrics.txt
	@echo "Installing what the metric layer needs into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/metrics.txt
	@touch $@

.venv/test: .venv/build requirements/test.txt
	@echo "Installing what the tests need into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@
