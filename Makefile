# Everything runs on a fresh Debian machine that has Go and Node: what is missing is installed and built first.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TOOLS := .lab/tools
LAB := .lab/bin/lab
UNIT = $$(go list ./... | grep -v '/e2e')

SEED ?= 1
CALLS ?= 1000
FAULTS ?= 200
TRUNKS ?= 1
CROWD ?= 0
BENCH ?=

.PHONY: help run up helm compose chaos peers bench flood test check e2e unit fuzz secrets vuln lint fmt fmt-check generate histories screenshots build clean lab

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  ONCE=1     run: exit after the demonstration call, non-zero if anything was wrong"
	@echo "  KEEP=1     run, up: go on with the data of the last time"
	@echo "  PAIR=1     run, up: two LiveKit servers and two SIP services on one Redis"
	@echo "  SEED, CALLS, FAULTS  chaos: which run, how long (about 10 s a fault)"
	@echo "  TRUNKS=2   chaos: two carriers with failover, limits, a queue and one call per agent; CROWD=200: so many callers on ten lines while workers are killed"
	@echo "  SEED, BENCH  bench: the order of the rounds; BENCH=--reverse turns it round, --quick takes two minutes, --long=3m half an hour"
	@echo "  LAB_PORTS  run, up: \"free\" for any free ports, or for example temporal=7300,product=8090"

run: lab ## Start the real servers and the product, and make one demonstration call
	@exec $(LAB) run $(if $(PAIR),--pair)

up: lab ## Start the servers, the carrier and the CRM only, and print the product's environment
	@exec $(LAB) up $(if $(PAIR),--pair)

helm: lab ## Install, upgrade and roll back the Helm chart on a real Kubernetes API server
	@exec $(LAB) helm

compose: lab ## Run docker-compose.yml on a Docker Engine of its own: install, call, kill, upgrade, restore, remove (needs root)
	@exec $(LAB) compose

chaos: lab install-tests ## Make calls while everything around them breaks, and reconcile the books
	@exec $(LAB) chaos --seed $(SEED) --calls $(CALLS) --faults $(FAULTS) --trunks $(TRUNKS) --crowd $(CROWD)

MODE ?= both

peers: lab ## Play the table of outcomes against Kamailio, SIPp and baresip (some 15 minutes), into docs/peers.md; MODE=polling for one half
	@exec $(LAB) peers --mode $(MODE)

bench: lab install-tests ## Measure latency, cost and capacity beside a baseline and the limits (an hour), into docs/performance.md
	@exec $(LAB) bench --seed $(SEED) $(BENCH)

flood: install-tests ## Two thousand deliveries through ten kills of the worker and a restart of Temporal
	E2E_FLOOD=2000 go test -count=1 -timeout 20m -v -run 'TestFlood$$' ./e2e

test: install-tests check ## Everything: install what tests need, then check, fuzz and e2e
	$(MAKE) --no-print-directory fuzz
	$(MAKE) --no-print-directory e2e
	$(MAKE) --no-print-directory vuln

check: install-check fmt-check ## The fast part: format, vet, lint, workflowcheck, types, the Helm chart, unit tests with the race detector
	go vet ./...
	$(TOOLS)/golangci-lint run
	$(TOOLS)/workflowcheck -config lab/tools/workflowcheck/config.yaml ./workflows/...
	$(MAKE) --no-print-directory secrets
	go test -race -timeout 15m $(UNIT)
	go -C deploy/helm/tests vet ./...
	go -C deploy/helm/tests test ./...
	npm --prefix ui run --silent typecheck
	npm --prefix ui run --silent lint
	npm --prefix ui test

unit: ## The unit tests alone, without the race detector
	go test -timeout 15m $(UNIT)

e2e: install-tests ## Calls on the real servers, seen only from outside
	go test -count=1 -timeout 45m ./e2e/...

FUZZTIME ?= 1m

# Making an interesting input smaller takes a minute each by default, which would be all there is.
fuzz: ## Feed the decoders of requests with nonsense, a minute each, all at once; FUZZTIME=10m for more
	@go test -c -fuzz . -o .lab/bin/api.fuzz ./api
	@mkdir -p .lab/fuzz && cd api && printf '%s\n' FuzzClick2Call FuzzStatus FuzzLiveKitWebhook | \
		xargs -P 3 -I TARGET ../.lab/bin/api.fuzz -test.run '^$$' -test.fuzz '^TARGET$$' -test.fuzztime $(FUZZTIME) \
			-test.parallel 1 -test.fuzzminimizetime 100x -test.fuzzcachedir ../.lab/fuzz

secrets: install-check ## Look for keys and passwords in the repository's whole history
	$(TOOLS)/gitleaks git --no-banner --no-color --redact --verbose .

# govulncheck ends with 3 when it has found something. Its database is on the internet: where that cannot be reached nothing was
# checked, which is said and fails nothing.
vuln: install-check ## Look for known vulnerabilities in what the product imports (needs the internet)
	@status=0; $(TOOLS)/govulncheck ./cmd/click2call || status=$$?; \
	case $$status in \
	0|3) exit $$status;; \
	*) echo "NOT CHECKED for known vulnerabilities: their database could not be reached";; \
	esac

lint: install-check ## The linters alone
	$(TOOLS)/golangci-lint run
	$(TOOLS)/workflowcheck -config lab/tools/workflowcheck/config.yaml ./workflows/...

fmt: install-check ## Format all Go files, and the console's
	@git ls-files -co --exclude-standard -z '*.go' | xargs -0 gofmt -w
	@npm --prefix ui run --silent format

fmt-check: install-check
	@unformatted=$$(git ls-files -co --exclude-standard -z '*.go' | xargs -0 gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi
	@npm --prefix ui run --silent format:check || { echo "not formatted, run make fmt"; exit 1; }

generate: ## Write generated code again
	go generate ./...

# Those that are there stay; remove what is to be recorded again. See workflows/testdata/replay/README.md.
histories: install-tests ## Record histories of calls for the replay tests
	E2E_RECORD_HISTORIES=$(CURDIR)/workflows/testdata/replay go test -count=1 -parallel 3 -timeout 30m \
		-run 'TestOutcomes/webhook|TestSlowOutcomes/webhook|TestNoSIPService|TestLiveKitKilled|TestWorkerKilledInTheInstantOfDialing|TestNobodyKnows|TestSteerBulkReplay|TestGone|TestEndpointAwayForMonths|TestWatchEnded' ./e2e

screenshots: install-tests ## Take the console's pictures again, into docs/screenshots
	@exec $(LAB) screenshots

build: ## Build the product into bin/
	go build -o bin/ ./cmd/click2call

clean: ## Remove the lab's data, logs and programs of this directory (built servers stay in the user's cache)
	rm -rf .lab bin

lab:
	@[ -x $(LAB) ] || echo "building the lab (about 1m30s when nothing is cached)"
	@go build -o $(LAB) ./cmd/lab

.PHONY: install-tests install-check
install-tests: lab
	@$(LAB) install --tests

install-check: lab
	@$(LAB) install --check
