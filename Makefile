# libsocketio's front door: `make help` lists what there is. The work is done by
# scripts/, each of which explains itself with -h.

PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
DESTDIR ?=
export PREFIX LIBDIR DESTDIR

.PHONY: build run test bench wheel install uninstall examples format lint clean help

build: ## Build the release library into .build-library/ (this is `make` alone)
	@scripts/setup build
	@scripts/build-library
	@QUIET_OK=yes scripts/check-library

run: ## Build, and start the chat example on http://localhost:3000
	@scripts/run

test: ## Install what is missing and run everything (SUITES="headers c" runs some)
	@scripts/test $(SUITES)

bench: ## Measure, against python-socketio in the same run (ARGS="--quick")
	@scripts/bench $(ARGS)

wheel: ## Build the Python wheel into dist/
	@scripts/build-wheel

install: ## Install library, headers, pkg-config and CMake files (PREFIX=/usr/local DESTDIR=)
	@scripts/install

uninstall: ## Remove what `make install` with the same PREFIX installed
	@scripts/install --remove

examples: ## Build the C examples into .build-examples/
	@scripts/build-examples

format: ## Format Swift, C and Python sources in place
	@scripts/format

lint: ## Check formatting, layers and Python style; change nothing
	@scripts/lint

clean: ## Remove everything that was built
	@scripts/clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12
