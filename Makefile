# Each target is one line over scripts/ or the `stormdesk` command; `make run` and `make test` need nothing before them.
.PHONY: run setup test acceptance check bench messages screenshots
.DEFAULT_GOAL := run
BIN := .venv/bin

run: setup            ## start Stormdesk on this machine; Ctrl-C stops it
	@$(BIN)/stormdesk up

setup:                ## create .venv with the command `stormdesk` in it
	@scripts/setup

test:                 ## everything: servers, then the tests on SQLite and on PostgreSQL
	@scripts/test

acceptance:           ## the tests whose servers take too long to install for every run
	@scripts/setup dev && scripts/services run --all -- $(BIN)/python -m pytest --acceptance -m acceptance

check:                ## style, types, import contracts, migrations, translations, documentation
	@scripts/check

bench:                ## what docs/measures.md reports
	@scripts/setup dev && $(BIN)/python -m bench

messages:             ## compile the translations
	@scripts/setup dev && $(BIN)/python scripts/build_messages.py

screenshots:          ## every page from the drill's state, for a person to look through
	@scripts/setup dev && scripts/services run --only chromium -- $(BIN)/python scripts/screenshots.py
