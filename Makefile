# Python 3.11, make and a C library are all a machine needs: the rest comes from PyPI into .venv, and runs from there.
# The browser tests need a Chromium as well; newsforge/embedded/browser.py sees to it.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
PY := .venv/bin/python
SOURCES := manage.py newsforge accounts conversions monitoring bench tests
ARGS ?=
export DJANGO_SETTINGS_MODULE ?= newsforge.settings.dev
export NEWSFORGE_STARTED := $(shell date +%s)

.PHONY: help run demo test check lint types walls templates migrations schema spelling scripts rules client drift lock eval bench chaos clean base dev python

help:
	@echo 'make run              start everything, convert a sample article, stay up until Ctrl-C'
	@echo 'make demo             the same, but end after the first conversion; ARGS="URL --platform x --language ko"'
	@echo 'make test             all tests, on real PostgreSQL and Valkey; ARGS="tests/pipeline -k korean"'
	@echo 'make check            linters, types, walls, migrations, API schema, client, spelling, scripts: what CI runs'
	@echo 'make eval CORPUS=dir  score reading and writing on a corpus of your own'
	@echo 'make bench            measure speed'
	@echo 'make chaos            kill workers, broker and database amid 200 conversions; prints what must hold and what was seen'
	@echo 'make client           make docs/openapi.yaml and from it clients/python anew'
	@echo 'make lock             renew requirements/*.txt from requirements/*.in'
	@echo 'make clean            remove .venv, var and caches; the data in var is lost'

run demo: base
	@$(PY) -m newsforge.embedded $@ $(ARGS)

# All of it by two processes at a time, each file by one; see tests/plugins/servers.py.
test: dev
	@$(PY) newsforge/embedded/browser.py $(ARGS)
	@$(PY) -m pytest $(or $(ARGS),-n 2 --dist loadgroup --no-loadscope-reorder)

check: lint types walls templates migrations schema drift spelling scripts rules

lint: dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: dev
	$(PY) -m mypy $(SOURCES)
	$(PY) -m mypy --strict --config-file= $(CLIENT)

walls: dev
	.venv/bin/lint-imports

templates: dev
	git ls-files -z -- 'templates/*.html' | xargs -0 -r .venv/bin/djade --check --target-version 5.2

migrations: dev
	$(PY) manage.py makemigrations --check --dry-run

schema: dev
	$(PY) manage.py spectacular --validate --fail-on-warn | diff -u docs/openapi.yaml -

CLIENT := clients/python/newsforge_client
generate = PATH="$(CURDIR)/.venv/bin:$$PATH" openapi-python-client generate --path docs/openapi.yaml --meta none \
	--config clients/python/generator.yaml --fail-on-warning --output-path $(1) >/dev/null && touch $(1)/py.typed

client: dev
	$(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml
	rm -rf $(CLIENT)
	@$(call generate,$(CLIENT))

# Whether the client is what the schema makes of it; nobody edits it by hand.
drift: dev
	@made=$$(mktemp -d) && trap 'rm -rf "$$made"' EXIT && $(call generate,"$$made/client") && \
	diff -ru --exclude=__pycache__ $(CLIENT) "$$made/client" || { \
		echo 'The client is not what docs/openapi.yaml makes of it: run make client'; exit 1; }

spelling: dev
	.venv/bin/typos

scripts: dev
	git ls-files -z -- .ci/run '*.sh' | xargs -0 -r .venv/bin/shellcheck

rules:
	@if command -v promtool >/dev/null; then \
	cd deploy/prometheus && promtool check rules rules.yml && promtool test rules rules_test.yml; \
	else echo 'Alert rules were not checked: there is no promtool here (Debian package prometheus)'; fi

lock: dev
	.venv/bin/uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 \
		requirements/base.in -o requirements/base.txt
	.venv/bin/uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 \
		requirements/dev.in -o requirements/dev.txt -c requirements/base.txt

eval: dev
	@if [ -d "$(CORPUS)" ]; then $(PY) -m bench.evaluate "$(CORPUS)"; \
	else echo 'Nothing was scored: there is no folder "$(CORPUS)". Name one: make eval CORPUS=path'; fi

bench: dev
	$(PY) -m bench

chaos: dev
	@$(PY) -m tests.chaos $(ARGS)

clean:
	rm -rf var/servers/* .venv var staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

base dev: python
	@$(PYTHON) newsforge/embedded/bootstrap.py $@

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
		echo "NewsForge needs Python 3.11, and $(PYTHON) is not that. Install it, or name it: make run PYTHON=/path/to/python3.11"; \
		exit 1; }
