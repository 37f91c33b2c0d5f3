# Python 3.11, make and a C library are all a machine needs: the rest comes from PyPI into .venv, and runs from there.
# The browser tests need a Chromium as well; newsforge/embedded/browser.py sees to it.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
PY := .venv/bin/python
SOURCES := manage.py newsforge accounts conversions monitoring bench deploy/ecs tests
ARGS ?=
export DJANGO_SETTINGS_MODULE ?= newsforge.settings.dev
export NEWSFORGE_STARTED := $(shell date +%s)

.PHONY: help run demo test screenshots check lint types walls templates migrations schema spelling files workflows rules client drift audit lock \
	eval bench chaos clean base dev python

help:
	@echo 'make run              start everything, convert a sample article, stay up until Ctrl-C'
	@echo 'make demo             the same, but end after the first conversion; ARGS="URL --platform x --language ko"'
	@echo 'make test             all tests, on real PostgreSQL and Valkey; ARGS="tests/pipeline -k korean"'
	@echo 'make screenshots      every page, both languages, light and dark, phone and desk, into docs/screenshots'
	@echo 'make check            linters of every kind of file, types, walls, migrations, API schema, client, spelling: what CI runs'
	@echo 'make audit            known vulnerabilities of what requirements/*.txt name; asks PyPI'
	@echo 'make eval CORPUS=dir  score reading and writing on a corpus of your own'
	@echo 'make bench            measure speed, in ten minutes at most; ARGS="accept finish" for some of it'
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

screenshots: dev
	@$(PY) newsforge/embedded/browser.py
	@LOG_LEVEL=ERROR $(PY) -m pytest -q -s --show-capture=no tests/browser/screenshots.py

check: lint types walls templates migrations schema drift spelling files workflows rules

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

# Shell, YAML, TOML, JavaScript, CSS, JSON, Markdown, the Dockerfile, compose and nginx (tests/house/test_nginx.py looks at
# its directives). Our scripts are no modules, so they say "use strict".
files: dev
	git ls-files -z -- .ci/run '*.sh' | xargs -0 -r .venv/bin/shellcheck
	git ls-files -z -- '*.yml' '*.yaml' | xargs -0 -r .venv/bin/yamllint --strict
	.venv/bin/tombi lint --offline --diagnostics-file /dev/null pyproject.toml || .venv/bin/tombi lint --offline pyproject.toml
	git ls-files -z -- '*.js' '*.css' '*.json' | xargs -0 -r .venv/bin/biome lint --error-on-warnings \
		--skip suspicious/noRedundantUseStrict
	.venv/bin/pre-commit validate-config
	.venv/bin/rumdl check --no-cache --quiet
	.venv/bin/hadolint Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	cat deploy/nginx/upstream.conf deploy/nginx/newsforge.conf | .venv/bin/gixy -

# jactionlint is the fork of actionlint that comes as a wheel. Neither it nor zizmor asks the network. The container of the
# tests follows the tag of its image, as the Dockerfile does: so Debian's mends arrive.
workflows: dev
	.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	.venv/bin/jactionlint --shellcheck .venv/bin/shellcheck --ignore unpinned-images
	.venv/bin/zizmor --offline --quiet .github

rules:
	@if command -v promtool >/dev/null; then \
	cd deploy/prometheus && promtool check rules rules.yml && promtool test rules rules_test.yml; \
	else echo 'Alert rules were not checked: there is no promtool here (Debian package prometheus)'; fi

# Not part of check, which needs no network. --strict: a package the service does not answer for is a failure too.
audit: dev
	@.venv/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements/base.txt -r requirements/dev.txt || { \
		echo 'The audit did not pass: what stands above is vulnerable, or PyPI does not answer for it and nothing was audited.'; \
		exit 1; }

lock: dev
	.venv/bin/uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 \
		requirements/base.in -o requirements/base.txt
	.venv/bin/uv pip compile -q --upgrade --generate-hashes --universal --python-version 3.11 \
		requirements/dev.in -o requirements/dev.txt -c requirements/base.txt

eval: dev
	@if [ -d "$(CORPUS)" ]; then $(PY) -m bench.evaluate "$(CORPUS)"; \
	else echo 'Nothing was scored: there is no folder "$(CORPUS)". Name one: make eval CORPUS=path'; fi

bench: dev
	@$(PY) -m bench $(ARGS)

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
