# Every command a person needs; each brings up what it needs by itself.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test bench engine engine-torch engine-arm64 engine-musl engine-env engine-stop engine-down frontend hello

help: ## this list
	@sed -nE 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

demo: ## build examples/embeddings and run it without a network
	@tests/engine/demo.sh

test: engine frontend hello ## all tests, end to end ones included
	@cd tests/doubles && go test ./...
	@eval "$$(tests/engine/env.sh)" && cargo test --locked --workspace

bench: frontend ## compare with equal Dockerfiles, side by side in one run
	@benches/run.sh
	@echo && benches/python.sh

engine: ## bring up Docker (yours if it works), a registry and the test doubles
	@tests/engine/up.sh

frontend: engine ## compile the frontend and push its image to the engine's registry
	@tests/engine/frontend.sh

hello: engine ## compile the example of buildkit-frontend and push its image, too
	@tests/engine/frontend.sh hello

engine-torch: engine ## make the base image python:3.13-torch, with sentence-transformers
	@tests/engine/on_demand.sh torch

engine-arm64: engine ## make the base image python:3.13-slim for arm64 too, and run arm64 programs by emulation
	@tests/engine/on_demand.sh arm64

engine-musl: engine ## make the base image python:3.13-alpine: Python compiled for musl
	@tests/engine/on_demand.sh musl

engine-env: ## print the engine's environment:  eval "$(make -s engine-env)"
	@{ tests/engine/up.sh && tests/engine/frontend.sh; } >&2 && tests/engine/env.sh

engine-stop: ## end the engine's processes, keep its files
	@tests/engine/down.sh --keep

engine-down: ## end the engine's processes and remove all its files
	@tests/engine/down.sh
