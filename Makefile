# `make lab` opens the course, `make test` checks it, `make help` lists the rest.
# Written for GNU make 3.81 (macOS) and a POSIX shell. A first call installs into .venv; later calls find it there.

VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready
# test-all adds nbgrader, in an environment of its own: it changes what JupyterLab shows.
EXTRAS = test
# The Python to build the environment with: make lab PYTHON=/path/to/python3.12
PYTHON ?=
# More for pytest, for example: make test PYTEST_OPTIONS="-x -k panel"
PYTEST_OPTIONS =
# More for JupyterLab, for example: make lab LAB_OPTIONS="--no-browser --port=8899"
LAB_OPTIONS =

LESSONS = $(wildcard notebooks/*.ipynb)
SOLUTIONS = $(wildcard solutions/*.ipynb)

export JUPYTER_PREFER_ENV_PATH = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The PATH without an environment of ours, also where make calls itself for another one.
ifndef OUTER_PATH
OUTER_PATH := $(PATH)
endif
export OUTER_PATH
export PATH := $(CURDIR)/$(BIN):$(OUTER_PATH)

ifeq ($(OS),Windows_NT)
$(error Split Brain runs on Linux and macOS. On Windows, install WSL (wsl --install), clone the course inside it, and run make there)
endif

# An environment that was moved, or whose Python is gone, is built again.
MADE_IN = $(shell cat $(READY) 2>/dev/null)
ifneq ($(shell $(BIN)/python -c "" 2>/dev/null && echo runs),runs)
$(VENV)/pyvenv.cfg: FORCE
else ifneq ($(MADE_IN),$(if $(MADE_IN),$(CURDIR)))
$(VENV)/pyvenv.cfg: FORCE
endif

.PHONY: help install lab test test-all test-everything test-redis test-pythons lint labs notebooks bench constraints clean FORCE
.DEFAULT_GOAL = help

help:
	@echo "make lab          install if needed, then open the course in JupyterLab"
	@echo "make test         everything that a change must not break"
	@echo "make test-all     the same and the long campaigns, and on the PATH's Redis too"
	@echo "make test-redis   what runs on a Redis, on the redis-server or valkey-server of the PATH"
	@echo "make test-pythons make test on every Python from 3.11 to 3.13 that is here"
	@echo "make labs         labs/ again, from solutions/"
	@echo "make notebooks    run every lesson and solution again, in place"
	@echo "make bench        the benchmarks, each beside its peers"
	@echo "make constraints  pin the newest versions that pyproject.toml allows"
	@echo "make clean        remove the environment and what tools left behind"

install: $(READY)

# Any Python from 3.11 to 3.13 with the parts that the course needs; a pyenv shim that names no version fails here and is passed over.
SUITS = import sys, ensurepip, sqlite3, ssl, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

$(VENV)/pyvenv.cfg:
	@PATH="$(OUTER_PATH)"; \
	for python in $(or $(PYTHON),python3.12 python3.13 python3.11 python3 python); do \
		if "$$python" -c "$(SUITS)" 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Split Brain needs Python 3.11, 3.12 or 3.13 with its venv and sqlite3 modules. There is none $(if $(PYTHON),at $(PYTHON),on the PATH)." >&2; \
		echo "Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12)," >&2; \
		echo "or name the one to use: make $(or $(MAKECMDGOALS),lab) PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	if [ -e $(VENV) ] && [ ! -f $(VENV)/pyvenv.cfg ]; then \
		echo "$(VENV) is there and is no virtual environment: move it away first." >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear $(VENV)

# A folder that holds the environment but not the stamp is one whose installation was cut short: it goes on in place.
UV = { $(BIN)/python -m uv --version || $(BIN)/python -m pip install --quiet -c constraints.txt uv; } >/dev/null 2>&1 && $(BIN)/python -m uv

$(READY): $(VENV)/pyvenv.cfg pyproject.toml constraints.txt
	@rm -f $(READY)
	@echo "Installing the course and its pinned dependencies"
	@{ $(UV) pip install --quiet --python $(BIN)/python -c constraints.txt -e ".[$(EXTRAS)]"; } || { \
		echo "That did not work with uv. Trying pip, which takes a minute."; \
		$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[$(EXTRAS)]"; \
	}
	@mkdir -p $(VENV)/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false},' \
		'"@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": true}}' \
		> $(VENV)/share/jupyter/lab/settings/overrides.json
	@echo "$(CURDIR)" > $(READY)

lab: $(READY)
	@$(BIN)/splitbrain doctor --brief || echo "The course opens all the same; what needs the above will say so."
	@$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb \
		--LabApp.extension_manager=readonly --log-level=WARN $$([ "$$(id -u)" != 0 ] || echo --allow-root) $(LAB_OPTIONS)

lint: $(READY)
	@$(BIN)/ruff check --quiet .

# One pytest for unit tests, docstrings and notebooks: two processes stay busy to the end, and one line closes the run.
# (A _child.py is a program that another process starts: it is not imported.)
# A notebook's cells, and a module's tests, stay together on one worker. Away from Linux, pictures may differ in
# the last digit of a coordinate; there the data table under each is compared, not the drawing.
PYTEST = $(BIN)/python -m pytest -n 2 --dist loadscope --doctest-modules --ignore-glob "*_child.py" \
	--nbval --nbval-current-env $(if $(filter Linux,$(shell uname -s)),,--nbval-sanitize-with tests/notebooks/sanitize.cfg)

test: lint
	@$(PYTEST) -m "not long" $(PYTEST_OPTIONS) src tests $(LESSONS) $(SOLUTIONS)

test-all:
	@$(MAKE) --no-print-directory test-everything VENV=.venv-all EXTRAS=test,nbgrader

test-everything: lint
	@$(PYTEST) $(PYTEST_OPTIONS) src tests $(LESSONS) $(SOLUTIONS)
	@$(MAKE) --no-print-directory test-redis

# The course takes the bundled server; this is for the other one, where there is one (Debian, Ubuntu: redis-server).
ON_REDIS = tests/messaging tests/services $(wildcard \
	$(foreach part,pubsub message service failover,tests/course/checks/test_$(part)*.py) \
	$(foreach number,09 10 11 12 13,notebooks/$(number)_*.ipynb solutions/$(number)_*.ipynb))

test-redis: $(READY)
	@if command -v redis-server >/dev/null || command -v valkey-server >/dev/null; then \
		SPLITBRAIN_REDIS_SERVER=path $(PYTEST) -m "not long" $(PYTEST_OPTIONS) $(ON_REDIS); \
	else \
		echo "No redis-server and no valkey-server on the PATH: the bundled server is the only one that was tested."; \
	fi

# Every Python of ours that is here, pyenv's included, each in an environment of its own.
test-pythons:
	@for version in 3.11 3.12 3.13; do \
		for python in python$$version $$(ls -d $$HOME/.pyenv/versions/$$version*/bin/python 2>/dev/null); do \
			if PATH="$(OUTER_PATH)" "$$python" -c "$(SUITS)" 2>/dev/null; then \
				$(MAKE) --no-print-directory test VENV=.venv-$$version PYTHON="$$python" || exit 1; \
				break; \
			fi; \
		done; \
	done

labs: $(READY)
	@$(BIN)/python -m splitbrain.course.release

notebooks: $(READY)
	@$(BIN)/python -m splitbrain.course.build $(LESSONS) $(SOLUTIONS)

bench: $(READY)
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

constraints: $(VENV)/pyvenv.cfg
	@$(UV) pip compile --quiet --universal --upgrade --no-header --no-annotate --no-emit-index-url \
		--all-extras --output-file constraints.txt pyproject.toml

clean:
	rm -rf .venv .venv-* .pytest_cache .ruff_cache .hypothesis build dist src/*.egg-info
	find src tests bench notebooks solutions labs -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	find notebooks solutions labs -name .ipynb_checkpoints -prune -exec rm -rf {} + 2>/dev/null || true
