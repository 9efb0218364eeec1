# genmod: make run starts the app, make test checks everything.
PY = .venv/bin/python
PORT ?=
export PYTHON CHROMIUM

.PHONY: help run test test-long audit format checkpoints benchmark clean environment environment-dev

help:
	@echo "make run          install what is needed and start the app (PORT=8600 for another port)"
	@echo "make test         lint, types, unit tests, pages, pages in a real browser"
	@echo "make test-long    the same, and every sweep whole instead of a sample of it"
	@echo "make audit        security rules, and known vulnerabilities of the pinned packages (asks pypi.org)"
	@echo "make format       let ruff format and fix the code"
	@echo "make checkpoints  train the runs that ship with the project again"
	@echo "make benchmark    measure speed and load"
	@echo "make clean        remove caches and .venv; runs/ stays"

environment:
	@python=`sh scripts/find_python.sh` && "$$python" -B scripts/environment.py

environment-dev:
	@python=`sh scripts/find_python.sh` && "$$python" -B scripts/environment.py --dev

run: environment
	@exec $(PY) -m streamlit run app.py $(if $(PORT),--server.port $(PORT))

test: environment-dev
	@$(PY) scripts/check.py

test-long: environment-dev
	@$(PY) scripts/check.py --long

audit: environment-dev
	@$(PY) scripts/audit.py

format: environment-dev
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

checkpoints: environment
	@$(PY) scripts/make_checkpoints.py $(RUNS)

benchmark: environment-dev
	@for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(PY) "$$file" || exit 1; done

clean:
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache screenshots
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
