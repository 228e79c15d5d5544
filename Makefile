# Film in, storyboard out. `make` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
READY := $(VENV)/ready
export PYTHONPATH := plugins:.
export PYTHONUNBUFFERED := 1

PORT ?= 4566
PARAMS ?= {}
INTERVAL ?= 1
OUT ?= out/frames
TARGET ?= local
REVIEW ?= scripted
PYTEST ?= -n 2
export TARGET REVIEW

.PHONY: help setup demo run preflight release remove diff aws-setup aws-teardown \
  up down status endpoint frames accuracy bench test lint format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The environment is made anew when the lock changes; bytecode is compiled because importing
# Airflow without it takes three times as long, in every process.
$(READY): requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements.txt
	@touch $@

setup: $(READY) ## install everything into .venv

demo: $(READY) ## the whole pipeline on the sample film; results in out/demo (REVIEW=human to review yourself)
	@exec $(PY) -m launcher demo

run: $(READY) ## the pipeline on your films: VIDEO=a.mp4[,b.mp4] PRODUCTION=x.yaml [PARAMS='{}'] [TARGET=aws [YES=1]]
	@exec $(PY) -m launcher run --video "$(VIDEO)" --production "$(PRODUCTION)" --params '$(PARAMS)' --target "$(TARGET)" $(if $(YES),--yes)

preflight: $(READY) ## every check before money, alone: [VIDEO=a.mp4] [PRODUCTION=x.yaml] [PARAMS='{}'] [TARGET=aws]
	@exec $(PY) -m launcher preflight --video "$(VIDEO)" --production "$(or $(PRODUCTION),paper-lantern)" --params '$(PARAMS)' --target "$(TARGET)"

release: $(READY) ## end what is past its lease, as release_capacity does every hour: [TARGET=aws]
	@exec $(PY) -m launcher release --target "$(TARGET)"

up: $(READY) ## Airflow UI and local endpoint stay up for exploring
	@exec $(PY) -m launcher up

down: $(READY) ## stop what `make up` started
	@exec $(PY) -m launcher down

status: $(READY) ## what `make up` started, and how it fares
	@exec $(PY) -m launcher status

remove: $(READY) ## a film, a shot or a character out of everything, told before done: ARGS='--film s3://… --reason "…" --by you [--yes]' [TARGET=aws]
	@exec $(PY) -m launcher remove --target "$(TARGET)" -- $(ARGS)

diff: $(READY) ## what changed between two datasets, with pictures: A=<run> B=<run> [WORKSPACE=s3://…] [TARGET=aws]
	@exec $(PY) -m launcher diff --target "$(TARGET)" -- "$(A)" "$(B)" $(if $(WORKSPACE),--workspace "$(WORKSPACE)")

aws-setup: $(READY) ## roles, bucket and queues in your AWS account: BUCKET=<name> [PREFIX=<of the workspace>]
	@exec $(PY) -m launcher setup-aws --bucket "$(BUCKET)" --prefix "$(PREFIX)"

aws-teardown: $(READY) ## remove them again: BUCKET=<name> [WITH_CONTENT=1]
	@exec $(PY) -m launcher teardown-aws --bucket "$(BUCKET)" $(if $(WITH_CONTENT),--with-content)

endpoint: $(READY) ## the local AWS endpoint alone, in the foreground: PORT=4566
	@exec $(PY) -m local_aws --port $(PORT) --data .local_aws

frames: $(READY) ## the sampler alone: VIDEO=film.mp4 [INTERVAL=1] [OUT=dir]
	@exec $(PY) -m storyboard_ops.cli.frames "$(VIDEO)" "$(INTERVAL)" "$(OUT)"

accuracy: $(READY) ## detection and crops against ground truth: FOOTAGE=<folder>; out/accuracy.json
	@exec $(PY) -m bench.accuracy "$(FOOTAGE)"

bench: $(READY) ## benchmarks into bench/RESULTS.md: [ONLY=near_duplicates,report] [PEERS=<python>]
	@exec $(PY) -m bench --only "$(ONLY)" --peers "$(PEERS)"

test: $(READY) ## the whole test suite
	@exec $(PY) -m pytest $(PYTEST)

lint: $(READY) ## ruff, types, import floors, DAG import check
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy plugins/storyboard_ops local_aws launcher bench tools
	PATH=$(VENV)/bin:$$PATH lint-imports
	$(PY) -m launcher.dag_check

format: $(READY) ## let ruff put the code in order
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock: $(READY) ## resolve pyproject.toml anew into requirements.txt
	$(UV) pip compile --quiet --all-extras --universal --generate-hashes --python-version 3.11 \
	  --no-header --no-annotate --no-emit-index-url pyproject.toml --output-file requirements.txt

clean: ## remove caches, results and state (not the environment)
	rm -rf out .cache .airflow .local_aws .pytest_cache .ruff_cache .mypy_cache .hypothesis
