# `make` lists the targets. A newcomer needs two: `make run` and `make test`.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PYTHON := .venv/bin/python
# Where the environment forbids compiled modules, each of the many processes would compile all it imports again.
unexport PYTHONDONTWRITEBYTECODE
# A fresh clone answers these without installing anything.
HAS_PYTHON = @test -x $(PYTHON) || { echo "Nothing is installed yet in this clone; 'make run' does it."; exit 1; }

##@ The platform
.PHONY: run
run: ## Install what is missing, start everything, stay until Ctrl-C (PORT=8000 BIND=127.0.0.1 DEMO=1)
	@infra/local/bootstrap.sh run
	@$(PYTHON) -m local up

.PHONY: stop
stop: ## Stop everything, also what a killed start left behind
	$(HAS_PYTHON)
	@$(PYTHON) -m local stop

.PHONY: status
status: ## Say what runs, and where
	$(HAS_PYTHON)
	@$(PYTHON) -m local status

.PHONY: logs
logs: ## Follow the logs (NAME=sites-serve for one of them)
	$(HAS_PYTHON)
	@$(PYTHON) -m local logs $(NAME)

.PHONY: reset
reset: ## Delete databases, queues, files and keys of `make run`, after asking (FORCE=1 without)
	$(HAS_PYTHON)
	@$(PYTHON) -m local reset

.PHONY: first-administrator
first-administrator: ## Appoint the first administrator of a fresh platform (ARGS="--name … --username …", see --help)
	$(HAS_PYTHON)
	@$(PYTHON) -m local first-administrator $(ARGS)

##@ Proving it
.PHONY: test
test: ## Run all tests on servers of their own (TESTS="tests/sites tests/gateway" for some)
	@infra/local/bootstrap.sh test
	@$(PYTHON) -m local test $(TESTS)

.PHONY: test-long
test-long: ## Run all tests, with many more drawn examples
	@infra/local/bootstrap.sh test
	@HYPOTHESIS_PROFILE=long $(PYTHON) -m local test $(TESTS)

.PHONY: test-platform
test-platform: ## Keep a platform running for the tests of journeys, faults and browser while you work on them
	@infra/local/bootstrap.sh test
	@$(PYTHON) -m local test-platform

.PHONY: bench
bench: ## Measure requests per second, latency and CPU, beside pgbench
	@infra/local/bootstrap.sh bench
	@PLATFORM_IS_BENCH=1 $(PYTHON) -m tests.benchmarks
	@$(PYTHON) -m tests.benchmarks.tree
	@$(PYTHON) -m tests.benchmarks.task_lists
	@$(PYTHON) -m tests.benchmarks.lights
	@$(PYTHON) -m tests.benchmarks.stars

.PHONY: fresh
fresh: ## Show both commands on a bare Debian made for it, as root and as a user with sudo (needs root)
	@infra/local/fresh.sh

##@ The code
.PHONY: install
install: ## Install what is missing, start nothing
	@infra/local/bootstrap.sh test

.PHONY: check
check: install ## Check format, style, types and the directions between packages
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports

.PHONY: format
format: install ## Bring the code into its format
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

##@ Help
.PHONY: help
help: ## List these targets
	@awk 'BEGIN { FS = ":.*## " } \
	     /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	     /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo
