# Muster. "make" lists the targets.

export GOFLAGS = -trimpath
FUZZTIME ?= 5s

.PHONY: help build assets demo check test soak bench generate clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

build: ## build bin/muster
	@mkdir -p bin
	go build -o bin/muster ./cmd/muster

assets: internal/api/assets/swagger-ui-bundle.js ## fetch what the pages are made of, by npm; the program is built without it, too

internal/api/assets/swagger-ui-bundle.js: assets/package-lock.json
	npm ci --prefix assets --ignore-scripts --no-audit --no-fund
	cp assets/node_modules/swagger-ui-dist/swagger-ui.css assets/node_modules/swagger-ui-dist/swagger-ui-bundle.js internal/api/assets/

demo: build ## make a demo organisation in ./demo, import a file of people and show what became of it
	@sh examples/demo.sh bin/muster demo

check: ## format, vet, staticcheck, generated files and unit tests: before each commit
	@sh scripts/check.sh

# What runs on the engine that MUSTER_TEST_DATABASE names.
EITHER = ./internal/access ./internal/api ./internal/app ./internal/cli ./internal/directory ./test/secrets ./test/story ./test/wronginput

test: check ## all of check, the end-to-end tests, PostgreSQL and a few seconds of each fuzz target
	go test -count=1 -timeout 15m ./test/...
	MUSTER_TEST_DATABASE=postgres go test -count=1 -timeout 30m $(EITHER)
	MUSTER_TEST_DATABASE=postgres go test -count=1 -timeout 30m ./internal/importer -rapid.checks=40
	@FUZZTIME=$(FUZZTIME) sh scripts/fuzz.sh

soak: ## the long runs: fuzzing for ten minutes a target, thousands of kills, and many more random cases
	@FUZZTIME=10m sh scripts/fuzz.sh
	go test -count=1 -timeout 4h -run TestKilledAtAnyMoment ./test/trouble -kills 5000
	go test -count=1 -timeout 4h -run 'Reader|AnotherWriter' ./test/trouble -locked 63s
	go test -count=1 -timeout 4h -run 'Processes|FewRows' ./test/trouble -serial.rounds 100
	go test -count=5 -timeout 4h -run 'Server|Standby|OneOfThree|ManyImports' ./test/trouble -pg.restarts 40 -pg.promotions 20 -pg.kills 20
	go test -count=1 -timeout 4h $$(grep -rl pgregory.net/rapid --include='*_test.go' internal | xargs -n1 dirname | sort -u | sed 's,^,./,') -rapid.checks=20000

bench: ## how fast it is, beside the floor under it; BENCH="-rows 10000 -runs 1" for less
	go run ./bench $(BENCH)

generate: ## write everything that is made from the code: catalogues, schema, pictures, golden files
	go test -count=1 ./internal/store ./test/... -update

clean: ## delete what was built
	rm -rf bin demo
