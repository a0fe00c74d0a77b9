.DEFAULT_GOAL := help
SHELL := /bin/bash

GOLANGCI_LINT_VERSION := v2.15.0
GOLANGCI_LINT := .tools/golangci-lint

.PHONY: help run build test lint generate generate-check spec-lint funclen check verify try-import clean

help: ## Print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-15s %s\n", $$1, $$2}'

run: build ## Build and run a shop with nothing configured
	bin/server serve

build: ## Build bin/server
	go build -o bin/server ./cmd/server

test: ## Run every test, against a private PostgreSQL
	go test ./...

lint: $(GOLANGCI_LINT) ## Check formatting and run the linters
	@unformatted=$$(gofmt -l api cmd internal migrations scripts tests); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	$(GOLANGCI_LINT) run

$(GOLANGCI_LINT):
	GOBIN=$(CURDIR)/.tools go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

generate: ## Generate every module's API code from api/openapi.yaml
	scripts/generate

generate-check: ## Fail when generating changes anything
	@before=$$(cat internal/*/internal/httpapi/api.gen.go | sha256sum); scripts/generate; \
	after=$$(cat internal/*/internal/httpapi/api.gen.go | sha256sum); \
	test "$$before" = "$$after" || { echo "generated code was stale; commit what 'make generate' made"; exit 1; }

spec-lint: ## Check the API document and its examples
	go test ./api

funclen: ## Print how long functions are, and fail when they are too long
	go run ./scripts/funclen

check: lint generate-check spec-lint funclen test ## What CI runs: all of the above that can fail

verify: build ## Check every promise the shop makes about its data
	bin/server verify

try-import: build ## Import product files twice and buy from them: make try-import FILES="a.csv b.csv"
	go run ./scripts/try-import $(FILES)

clean: ## Remove what was built; the shop's data stays
	rm -rf bin
