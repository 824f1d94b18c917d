# make demo | make test | make setup | make lint | make lock
VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed

.PHONY: help setup demo test lint lock clean
help:
	@echo "make demo    find, close and prove a gap on two tasks; ends with a page to open in the browser"
	@echo "make test    run the tests; on another Python: make test VENV=.venv-3.13 PYTHON=python3.13"
	@echo "make lint    ruff and pyright"
	@echo "make lock    pin the newest versions that fit together into requirements.lock"
	@echo "make clean   remove the environments and runs"

setup: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh $(VENV)
	@touch $@

demo: setup
	@$(VENV_PYTHON) -m fairkit demo

test: setup
	$(VENV_PYTHON) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: setup
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m pyright

lock: setup
	$(VENV_PYTHON) -m uv pip compile pyproject.toml --universal --upgrade \
		--python-version 3.11 --all-extras --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --output-file requirements.lock

clean:
	rm -rf .venv .venv-* runs
