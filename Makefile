# Everything a person does with this repository. `make` alone says what there is.

.DEFAULT_GOAL := help
.PHONY: help run test soak check manifests lock locked fmt messages clean browser fuzz hostile audit protections
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile pyproject.toml --generate-hashes --universal --python-version 3.11 --no-header --quiet
# The git of this machine is judged where Twelvefold starts, not where its code is judged.
NOBODYS := SECRET_KEY=ci-0123456789abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKL \
           SILENCED_SYSTEM_CHECKS=repositories.W001 DATABASE_URL=postgresql://nobody@localhost/nothing REDIS_URL=redis://localhost ALLOWED_HOSTS=twelvefold.example

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: .venv/.installed .venv/.compiled ## Start everything on this machine: http://127.0.0.1:8000/, another port with PORT=8001
	@$(BIN)/python manage.py up

test: .venv/.installed-dev browser ## Run all tests, with servers of their own
	@$(BIN)/pytest -n 2 --dist worksteal -q

fuzz: .venv/.installed-dev ## Fuzz every parser entry for hours; RUNS=… and ENTRIES="yaml toml" bound it
	@test -x .fuzz/venv/bin/python || { python3.11 -m venv .fuzz/venv && .fuzz/venv/bin/pip install --quiet --require-hashes -r requirements.txt; }
	@.fuzz/venv/bin/pip install --quiet 'atheris==3.0.0'
	@.ci/fuzz $(ENTRIES)

soak: .venv/.installed-dev ## Kill workers, broker and database during 2,000 scans; takes hours and prints a report
	@$(BIN)/python benchmarks/soak.py $(SOAK)

audit: .venv/.installed-dev ## Look for known faults in the code and in the packages of the locks
	@.ci/audit

protections: .venv/.installed-dev ## Take each protection away, and see the test that is named for it fail; NAME=… for a part
	@$(BIN)/python .ci/protections.py "$(NAME)"

hostile: .venv/.installed-dev ## Scan every hostile repository and server; what each took is in .fuzz/hostile.log
	@mkdir -p .fuzz && rm -f .fuzz/hostile.log
	@HOSTILE=$(CURDIR)/.fuzz/hostile.log $(BIN)/pytest -n 2 -q -p no:randomly tests/hostile
	@sort -rn .fuzz/hostile.log | head -n 20

check: .venv/.installed-dev ## Run all that judges the code without running it
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "Not formatted: make fmt" >&2; exit 1; }
	@$(NOBODYS) $(BIN)/mypy --no-error-summary apps config
	@$(BIN)/lint-imports --no-logo > .venv/imports.txt || { cat .venv/imports.txt; exit 1; }
	@$(BIN)/djlint --lint --quiet templates
	@$(NOBODYS) $(BIN)/python manage.py check --deploy --fail-level WARNING > .venv/deploy.txt || { cat .venv/deploy.txt; exit 1; }
	@$(BIN)/python manage.py makemigrations --check --dry-run > .venv/migrations.txt || { cat .venv/migrations.txt; exit 1; }
	@$(BIN)/python .ci/lengths.py
	@$(BIN)/python .ci/own.py
	@$(MAKE) manifests locked
	@echo "All checks pass."

manifests: # What deploys Twelvefold has the form that Docker, Compose, Kubernetes and the forge ask for
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec docker-compose.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@for place in staging production; do \
		$(BIN)/kubectl kustomize deploy/kubernetes/$$place > .venv/$$place.yaml \
			&& $(BIN)/kubernetes-validate --quiet --strict --kubernetes-version 1.34 .venv/$$place.yaml || exit 1; \
	done

locked: # The locks say what pyproject.toml asks for, with no registry's address in them
	@cp requirements.txt .venv/lock.txt && $(COMPILE) -o .venv/lock.txt
	@cp requirements-dev.txt .venv/lock-dev.txt && $(COMPILE) --group dev -o .venv/lock-dev.txt
	@cmp -s requirements.txt .venv/lock.txt && cmp -s requirements-dev.txt .venv/lock-dev.txt \
		|| { echo "The locks do not fit pyproject.toml: make lock" >&2; exit 1; }
	@! grep -nE '://|--(extra-)?index-url|--find-links' requirements.txt requirements-dev.txt

lock: .venv/.installed-dev ## Write both locks anew from pyproject.toml; UPGRADE=1 takes newer versions
	@$(COMPILE) $(if $(UPGRADE),--upgrade) -o requirements.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) --group dev -o requirements-dev.txt

fmt: .venv/.installed-dev ## Format and mend what can be mended
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format --quiet

messages: .venv/.installed-dev ## Collect the texts of the pages for a translation: LANGUAGE=de
	@$(NOBODYS) DJANGO_SETTINGS_MODULE=config.settings $(BIN)/python .ci/messages.py $(LANGUAGE)

clean: ## Remove what was made here, the data of `make run` excepted
	@rm -rf .venv staticfiles test-results .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

browser: # Debian's Chromium, for the tests that drive a browser
	@command -v chromium > /dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "Installing Chromium …"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } > .venv/browser.txt 2>&1 \
			|| { tail -n 3 .venv/browser.txt; echo "Chromium cannot be installed."; [ -z "$(CI)" ]; }; \
	else \
		echo "No Chromium here and no right to install it: the browser tests are skipped."; [ -z "$(CI)" ]; \
	fi

.venv/.installed: requirements.txt
	@.ci/install $<
	@touch $@

# What each confined scan would compile anew, for they may write no byte code.
.venv/.compiled: .venv/.installed $(shell find apps/analysis -name '*.py')
	@$(BIN)/python -m apps.scans.prepare
	@touch $@

.venv/.installed-dev: requirements-dev.txt
	@.ci/install $<
	@touch $@
