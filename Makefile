# The README's commands. Each does all of its own set-up; `.ci/setup` explains what that is.
.PHONY: sandbox test test-thorough unit coverage guards pictures bench fuzz format lint types lock wheel deb install uninstall clean

sandbox:
	@bash .ci/setup runtime
	@.venv/bin/python run.py sandbox $(ARGS)

test:
	@bash .ci/setup development servers
	@bash .ci/check $(ARGS)

# The same with a thousand examples of each property, all on both databases, more kills: by hand, for hours.
test-thorough:
	@bash .ci/setup development servers
	@SHAKWA_EXAMPLES=thorough bash .ci/check $(ARGS)

# Pure rules, in seconds: after each change. Compiled once, as in .ci/check.
unit:
	@bash .ci/setup development
	@env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(CURDIR)/.venv/compiled \
	  .venv/bin/python -m pytest tests/unit --numprocesses auto --dist worksteal $(ARGS)

# What all tests cover, by hand: half as long again as the tests alone. Processes of their own are not counted.
coverage:
	@bash .ci/setup development servers
	@SHAKWA_COVER=all COVERAGE_FILE=$$(mktemp -d)/coverage .venv/bin/python -m pytest tests --cov --cov-report=term:skip-covered $(ARGS)

# Takes each guard out of a copy of the program: its tests must notice. WORD …: only those whose name holds one.
guards:
	@bash .ci/setup development
	@.venv/bin/python -m tests.guards $(ARGS)

# Draws the pictures of docs/ar/ again, after a change of looks. NAME …: only those.
pictures:
	@bash .ci/setup development servers
	@.venv/bin/python -m tests.pictures $(ARGS)

bench:
	@bash .ci/setup development servers
	@.venv/bin/python -m bench $(ARGS)

# TARGET: parser, classifier, quoting or commands.
fuzz:
	@bash .ci/setup fuzz
	@.venv-fuzz/bin/python -m tests.fuzz $(TARGET) $(ARGS)

format:
	.venv/bin/ruff format daemon tests bench run.py
	.venv/bin/ruff check --fix daemon tests bench run.py

lint:
	.venv/bin/ruff check --quiet daemon tests bench run.py
	.venv/bin/ruff format --check --quiet daemon tests bench run.py

types:
	.venv/bin/mypy

# What pip installs, in dist/.
wheel:
	@bash .ci/setup development
	.venv/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

# A package for Debian 12, in dist/.
deb:
	@bash .ci/setup development
	@bash .ci/package $(ARGS)

# Into /opt/shakwa/.venv, with the units; configuration and data stay the operator's. As root.
install:
	@bash .ci/install install

uninstall:
	@bash .ci/install uninstall

# Needs uv. Writes hashes, and no address of any index. UPGRADE=--upgrade looks for newer versions of all.
lock:
	cd requirements && for name in runtime development fuzz; do \
	  uv pip compile -q --generate-hashes --universal --python-version 3.11 \
	    --no-emit-index-url --no-annotate --no-header $(UPGRADE) $$name.in -o $$name.txt; done

clean:
	rm -rf .venv .venv-fuzz dist .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
