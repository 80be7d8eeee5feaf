# One virtual environment, made once and kept: every target below runs inside it.
VENV ?= .venv
PY   := $(VENV)/bin/python
# The stamps say what is installed; they are remade when pyproject.toml changes.
APP  := $(VENV)/.installed-demo
DEV  := $(VENV)/.installed-dev
# numpy keeps its own threads out of a 2-core machine's way.
PROMPT ?= The capital of France is

.PHONY: demo test check bench fmt clean

demo: $(APP)
	@$(VENV)/bin/tempviz demo -p "$(PROMPT)"

test: $(DEV)
	$(PY) -m pytest

check: $(DEV)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright
	$(PY) -m pytest tests/test_boundary.py
	$(PY) -m pytest --ignore=tests/test_boundary.py

bench: $(DEV)
	$(PY) -m benchmarks

fmt: $(DEV)
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

clean:
	rm -rf $(VENV) build dist *.egg-info

$(PY):
	python3 -m venv $(VENV)

$(APP): pyproject.toml | $(PY)
	@echo "Installing tempviz (llama-cpp-python compiles for 5 to 15 minutes the first time) ..."
	$(PY) -m pip install --quiet --editable '.[demo]'
	@touch $@

$(DEV): pyproject.toml | $(PY)
	@echo "Installing tempviz and its tools (llama-cpp-python compiles for 5 to 15 minutes the first time) ..."
	$(PY) -m pip install --quiet --editable '.[dev]'
	@touch $@ $(APP)
