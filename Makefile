# make run   the whole chain on this machine: virtual river, real MicroPython buoys, gateway, console
# make test  every test but the slow sweeps;  make test-all  those too;  make check  lint and types
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test test-all check clean debian-packages

run: $(VENV)/.run
	$(BIN)/xunhe demo

test: $(VENV)/.test debian-packages check
	$(BIN)/pytest

test-all: $(VENV)/.test debian-packages check
	$(BIN)/pytest -m ''

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A fresh Debian has python3 without its venv module.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); sh tools/debian-packages.sh python3-venv; $(PYTHON) -m venv $(VENV); }

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --disable-pip-version-check --quiet --editable '.[demo]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --disable-pip-version-check --quiet --editable '.[demo,dev]'
	@touch $@ $(VENV)/.run

debian-packages:
	@sh tools/debian-packages.sh chromium mosquitto fonts-noto-cjk

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
