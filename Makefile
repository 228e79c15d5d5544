# A film in, a storyboard out. `make` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv
READY := $(VENV)/ready
DEV := $(VENV)/ready-dev
export PYTHONPATH := plugins:.
export PYTHONUNBUFFERED := 1

PORT ?= 4566
PARAMS ?= {}
INTERVAL ?= 1
OUT ?= out/frames
TARGET ?= local
REVIEW ?= scripted
# More workers than cores, because many tests wait; the groups are those of tests/conftest.py.
PYTEST ?= -n 5 --dist loadgroup --no-loadscope-reorder
LONG ?= 0
SEED ?= 0
SAMPLE ?= 200
ROOMS ?= core,money
SBOM ?= out/sbom.cdx.json
# What the local endpoint plays: a day and a region; empty: a day with every model, us-east-1.
TODAY ?=
REGION ?=
# The environment of the training program. pip takes the CPU build of torch where it is configured
# to find one, and else the build of the package index: for NVIDIA GPUs on Linux, 5.5 GB.
TRAINER_VENV := .venv-trainer
TRAINER_READY := $(TRAINER_VENV)/ready
TORCH ?= torch==2.13.0
# What people write reaches the commands by the environment: a quote, a dollar or a space in it means
# nothing to the shell.
export TARGET REVIEW REVIEWERS TODAY REGION
export VIDEO PRODUCTION PARAMS TRAINER INTERVAL OUT A B RUN WORKSPACE BUCKET PREFIX WORKERS KMS_KEY
export PORT FOOTAGE

.PHONY: help setup trainer-setup demo run results preflight production release remove diff \
  aws-setup aws-teardown up down status endpoint frames accuracy bench test test-long compose-env \
  compose-test wheel mutants lint format lock audit sbom clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {
	  line = sprintf("  make %-13s", $$1)
	  count = split($$2, words, " ")
	  for (n = 1; n <= count; n++) {
	    if (length(line " " words[n]) > 80) { print line; line = sprintf("%20s", "") }
	    line = line " " words[n]
	  }
	  print line
	}' $(MAKEFILE_LIST)

# The environment follows the lock. Bytecode is compiled because importing Airflow without it takes
# three times as long, in every process.
$(READY): requirements.txt
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PY) -m pip install --quiet --disable-pip-version-check uv==0.13.9
	VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements.txt
	@touch $@

# The development lock holds the runtime lock and what tests, linters and benchmarks need.
$(DEV): requirements-dev.txt $(READY)
	VIRTUAL_ENV=$(VENV) $(UV) pip sync --quiet --compile-bytecode --require-hashes requirements-dev.txt
	@touch $@

setup: $(DEV) ## install everything into .venv

# torch has no lock: its builds differ from machine to machine.
$(TRAINER_READY): requirements-trainer.txt
	@test -x $(TRAINER_VENV)/bin/python || $(PYTHON) -m venv $(TRAINER_VENV)
	$(TRAINER_VENV)/bin/pip install --quiet --disable-pip-version-check "$(TORCH)"
	$(TRAINER_VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	  --requirement requirements-trainer.txt
	@touch $@

trainer-setup: $(TRAINER_READY) ## install the training program's torch and diffusers into .venv-trainer: [TORCH=torch==2.13.0]

# These trainers run the training program on this machine.
LOCAL_TRAINERS := sagemaker own_gpu
demo: $(READY) $(if $(filter $(LOCAL_TRAINERS),$(TRAINER)),$(TRAINER_READY)) ## run the pipeline on the sample film into out/demo: [REVIEW=human] [TRAINER=sagemaker|dataset_only] [TODAY=2026-11-29] [REGION=eu-central-1]
	@exec $(PY) -m launcher demo $(if $(TRAINER),--trainer "$$TRAINER")

run: $(READY) ## run the pipeline on your films: VIDEO=a.mp4[,b.mp4] PRODUCTION=x.yaml [PARAMS='{}'] [TODAY=2026-11-29] [REGION=eu-central-1] [TARGET=aws [YES=1]]
	@exec $(PY) -m launcher run --video "$$VIDEO" --production "$$PRODUCTION" --params "$$PARAMS" --target "$$TARGET" $(if $(YES),--yes)

results: $(READY) ## download the results of a run that has ended into out/<run>: RUN=<its id> [WORKSPACE=s3://…] [TARGET=aws]
	@exec $(PY) -m launcher results "$$RUN" --target "$$TARGET" $(if $(WORKSPACE),--workspace "$$WORKSPACE")

preflight: $(READY) ## check a run and its cost without starting it: [VIDEO=a.mp4] [PRODUCTION=x.yaml] [PARAMS='{}'] [TARGET=aws]
	@exec $(PY) -m launcher preflight --video "$$VIDEO" --production "$$PRODUCTION" --params "$$PARAMS" --target "$$TARGET"

production: $(READY) ## make a production file from your films, on a page that asks who is who: VIDEO=a.mp4[,b.mp4] [OUT=productions/mine]
	@exec $(PY) -m launcher production --video "$$VIDEO" $(if $(filter-out file,$(origin OUT)),--out "$$OUT")

release: $(READY) ## release what has outlived its lease, as release_capacity does every hour: [TARGET=aws]
	@exec $(PY) -m launcher release --target "$$TARGET"

up: $(READY) ## start the Airflow UI and the local endpoint in the background: [REVIEWERS=ana,ben:viewer]
	@exec $(PY) -m launcher up

down: $(READY) ## stop what `make up` started
	@exec $(PY) -m launcher down

status: $(READY) ## show what `make up` started and how to use it
	@exec $(PY) -m launcher status

remove: $(READY) ## remove a film, a shot or a character everywhere, after showing what goes: ARGS='--film s3://… --reason "…" --by you [--yes]' [TARGET=aws]
	@exec $(PY) -m launcher remove --target "$$TARGET" -- $(ARGS)

diff: $(READY) ## show what changed between two datasets, with pictures: A=<run> B=<run> [WORKSPACE=s3://…] [TARGET=aws]
	@exec $(PY) -m launcher diff --target "$$TARGET" -- "$$A" "$$B" $(if $(WORKSPACE),--workspace "$$WORKSPACE")

aws-setup: $(READY) ## create roles, bucket and queues in your AWS account: BUCKET=<name> [PREFIX=<of the workspace>] [WORKERS=ecs|heavy] [KMS_KEY=<arn>]
	@exec $(PY) -m launcher setup-aws --bucket "$$BUCKET" --prefix "$$PREFIX" $(if $(WORKERS),--workers "$$WORKERS") $(if $(KMS_KEY),--kms-key "$$KMS_KEY")

aws-teardown: $(READY) ## remove what aws-setup created: BUCKET=<name> [WITH_CONTENT=1]
	@exec $(PY) -m launcher teardown-aws --bucket "$$BUCKET" $(if $(WITH_CONTENT),--with-content)

endpoint: $(READY) ## run only the local AWS endpoint, in the foreground: PORT=4566
	@exec $(PY) -m local_aws --port "$$PORT" --data .local_aws

frames: $(READY) ## sample frames only: VIDEO=film.mp4 [INTERVAL=1] [OUT=dir]
	@umask 077  # frames are as private as their film
	exec $(PY) -m storyboard_ops.cli.frames "$$VIDEO" "$$INTERVAL" "$$OUT"

accuracy: $(DEV) ## measure detection and crops against ground truth into out/accuracy.json: FOOTAGE=<folder>
	@exec $(PY) -m bench.accuracy "$$FOOTAGE"

bench: $(DEV) ## run the benchmarks into bench/RESULTS.md: [ONLY=near_duplicates,report] [PEERS=<python>]
	@exec $(PY) -m bench --only "$(ONLY)" --peers "$(PEERS)"

test: $(DEV) ## run the test suite without the long tests: [LONG=0.1 SEED=7: and a share of them]
	@exec $(PY) -m pytest $(PYTEST) --long $(LONG) --seed $(SEED)

test-long: $(DEV) ## run the long tests: kill matrices, fuzzing, whole clusters
	@exec $(PY) -m pytest $(PYTEST) -m long

compose-env: ## write .env for docker-compose.yaml, with your login and every secret
	@exec $(PYTHON) -m launcher.containers.dotenv

compose-test: $(DEV) ## run docker-compose.yaml, kill each of its containers during runs, and compare
	@exec $(PY) -m pytest -p no:xdist -m compose tests/distributed

wheel: $(DEV) ## build the wheel for your own Airflow into dist/: see docs/install.md
	@exec $(PY) -m hatchling build -t wheel

mutants: $(DEV) ## change the code at random and count the changes that tests notice: [SAMPLE=200] [SEED=1] [ROOMS=core,money] [ONLY=<part of a path>]
	@exec $(PY) -m tools.mutants --sample $(SAMPLE) --seed $(SEED) --rooms "$(ROOMS)" --only "$(ONLY)"

lint: $(DEV) ## check style, types, import contracts and that the DAGs import
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy plugins/storyboard_ops local_aws launcher trainer bench tools dags
	PATH=$(VENV)/bin:$$PATH lint-imports
	$(PY) -m launcher.dag_check

format: $(DEV) ## format the code
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

lock: $(READY) ## resolve pyproject.toml into requirements.txt, requirements-dev.txt and requirements-trainer.txt
	resolve() { $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	  --no-header --no-annotate --no-emit-index-url "$$@"; }
	resolve pyproject.toml --extra distributed --extra local --output-file requirements.txt
	resolve pyproject.toml --all-extras --constraint requirements.txt --output-file requirements-dev.txt
	resolve --group trainer --output-file requirements-trainer.txt

# Strict: a package that cannot be looked up fails the audit instead of passing it.
audit: $(READY) ## compare the locks with published advisories (needs the network)
	@$(UV) tool run --quiet pip-audit==2.10.1 --strict --disable-pip --require-hashes \
	  --requirement requirements.txt --requirement requirements-dev.txt \
	  --requirement requirements-trainer.txt

sbom: $(DEV) ## list the packages of the runtime lock as CycloneDX JSON: [SBOM=out/sbom.cdx.json]
	@mkdir -p "$$(dirname "$(SBOM)")"
	PATH=$(VENV)/bin:$$PATH cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
	  --output-format JSON --output-reproducible --output-file "$(SBOM)"

clean: ## delete caches, results and state (not the environment)
	rm -rf out dist .cache .airflow .local_aws .pytest_cache .ruff_cache .mypy_cache .hypothesis
