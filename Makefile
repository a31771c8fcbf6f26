# make run   the whole chain on this machine: virtual river, real MicroPython buoys, gateway, console
# make test  every test but the slow sweeps;  make check  lint and types
# make test-all  those too, and the gateway's on PostgreSQL (fetches PyTorch)
# make hardware   the generated files of hardware/, made anew
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# A module's tests stay together: they share what took seconds to start. Four on two cores, since
# many tests wait for processes.
SIDE_BY_SIDE := -n 4 --dist loadscope
PIP    := $(BIN)/pip install --disable-pip-version-check --quiet

.PHONY: run test test-all check fuzz sbom hardware clean debian-packages

run: $(VENV)/.run
	$(BIN)/xunhe demo

test: $(VENV)/.test debian-packages check
	$(BIN)/pytest $(SIDE_BY_SIDE)

test-all: $(VENV)/.train debian-packages check
	$(BIN)/pytest $(SIDE_BY_SIDE) -m ''
	$(BIN)/pytest $(SIDE_BY_SIDE) tests/gateway --store postgresql

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A fresh Debian has python3 without what its venv module needs.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh tools/debian-packages.sh python3-venv
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(VENV)/bin/python
	@echo "正在安装 Python 软件包，约一分钟 / installing Python packages, about a minute"
	@$(PIP) --editable '.[demo]'
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/bin/python
	@echo "正在安装测试所需的 Python 软件包，约一分钟 / installing what the tests need, about a minute"
	@$(PIP) --editable '.[demo,dev,scale]'
	@touch $@ $(VENV)/.run

# PyTorch, about 200 MB: for training and its tests only.
$(VENV)/.train: $(VENV)/.test
	@echo "正在安装 PyTorch（CPU），约 200 MB / installing PyTorch (CPU), about 200 MB"
	@$(PIP) --editable '.[demo,dev,scale,train]'
	@touch $@

# Ten million frames into every parser, half of them guided by coverage: about an hour.
fuzz: $(VENV)/.fuzz
	$(BIN)/xunhe bench fuzz --full --corpus tests/fuzz/corpus

$(VENV)/.fuzz: $(VENV)/.test
	@$(PIP) --editable '.[fuzz]'
	@touch $@

# What a release consists of, without the tools of its makers.
sbom: $(VENV)/.test
	@mkdir -p build
	$(BIN)/xunhe sbom build/xunhe.cdx.json --extra scale

# Every generated file of hardware/ anew: about 1 GB of tools, once.
hardware: $(VENV)/.hardware
	$(BIN)/python -m hardware.generate
	$(BIN)/pytest tests/hardware

$(VENV)/.hardware: $(VENV)/.test
	@sh tools/debian-packages.sh graphviz
	@echo "正在安装 SKiDL、WireViz、build123d，约 1 GB / installing SKiDL, WireViz, build123d, about 1 GB"
	@$(PIP) --editable '.[demo,dev,scale,hardware]'
	@touch $@

# The Node.js that playwright carries wants libatomic1.
debian-packages:
	@sh tools/debian-packages.sh chromium mosquitto fonts-noto-cjk libatomic1 python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad nut-server postgresql gcc libc6-dev

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
