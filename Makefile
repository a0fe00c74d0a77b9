.DEFAULT_GOAL := help
SHELL := /bin/bash

GOLANGCI_LINT_VERSION := v2.15.0
GOLANGCI_LINT := .tools/golangci-lint

.PHONY: help run build test test-races test-faults test-browser soak mutants lint generate generate-check spec-lint funclen check verify bench-checkout bench-hop try-import try-million clean

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-15s %s\n", $$1, $$2}'

run: build ## Build and run a shop with nothing configured
	bin/server serve

build: ## Build bin/server
	go build -o bin/server ./cmd/server

test: ## Run every test, against a private PostgreSQL
	go test ./...

test-races: ## Run what happens at the same moment in 50 rounds, on servers with the race detector
	TEST_ROUNDS=50 TEST_RACE=1 go test -count=1 -timeout 15m ./tests/concurrency/...

# One package at a time, because some of their cases measure how quickly a server answers.
test-faults: ## Kill servers, break the database and the provider, and sell to a crowd
	go test -p 1 -count=1 -tags faults -timeout 15m ./tests/load/... ./tests/faults/... ./tests/soak/...
	go test -count=1 -tags faults -timeout 15m -run TestKills ./tests/split/...

test-browser: ## Read the API reference in a headless Chromium, which must be installed
	go test -count=1 -tags browser ./tests/browser/...

soak: ## Kill servers 500 times under load
	TEST_KILLS=500 go test -count=1 -tags faults -timeout 60m -v ./tests/soak/...

mutants: ## Plant bugs in copies of the tree, and print which test caught which
	go run ./scripts/mutants

lint: $(GOLANGCI_LINT) ## Check formatting and run the linters
	@unformatted=$$(gofmt -l api bench cmd internal migrations scripts tests); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	go vet -tags faults,failpoints,browser ./...
	$(GOLANGCI_LINT) run

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/.tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

generate: ## Generate every module's API code from api/openapi.yaml, its client from its front door, and the table of settings
	scripts/generate

generate-check: ## Fail when generating changes anything
	@before=$$(find internal docs/configuration.md -name '*.gen.go' -o -name configuration.md | sort | xargs cat | sha256sum); scripts/generate; \
	after=$$(find internal docs/configuration.md -name '*.gen.go' -o -name configuration.md | sort | xargs cat | sha256sum); \
	test "$$before" = "$$after" || { echo "what is generated was stale; commit what 'make generate' made"; exit 1; }

spec-lint: ## Check the API document and its examples
	go test ./api

funclen: ## Print how long functions are, and fail when they are too long
	go run ./scripts/funclen

check: lint generate-check spec-lint funclen test ## The code, its document and every test, without races and faults

verify: build ## Check every promise the shop makes about its data
	bin/server verify

bench-checkout: ## Measure checkout against the limit of this machine's PostgreSQL, and fail when a mark is missed
	go run ./bench

bench-hop: ## Measure what a call of another process costs, and fail above 0.4 ms of CPU or one round trip
	go test -count=1 -v -run TestAHopIsCheap ./tests/split

try-import: build ## Import product files twice and buy from them: make try-import FILES="a.csv b.csv"
	go run ./scripts/try-import $(FILES)

try-million: ## Import a file of a million rows (ROWS=200000 for a shorter one) and watch the server's memory
	IMPORT_ROWS=$(or $(ROWS),1000000) go test -count=1 -timeout 2h -v -run TestAnImportNeedsLittleMemory ./tests/imports

clean: ## Remove what was built; the shop's data stays
	rm -rf bin
