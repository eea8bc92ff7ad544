# make demo      install what is missing, build, show 60 nights
# make test      install, build, every test against a real PostgreSQL
# make campaign  the long fault campaigns and planted defects (make test runs a printed share)
# make fuzz      every parser for a minute under libFuzzer
# make bench     ratios of one run: feed file to sealed leaf beside plain COPY
SHELL := /bin/bash
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
KVITT := .build/release/kvitt
# Independent writers of foreign formats, for the tests alone.
PYTHON := .build/python
FLAGS := -c release --explicit-target-dependency-import-check error
export SWIFT_BACKTRACE := enable=no

.PHONY: demo test campaign bench fuzz build tests install install-test lint format clean

demo: build
	$(KVITT) demo

build: install
	swift build $(FLAGS) --build-tests

# Checked first, installed only where missing. The switch goes in before the server package, so
# that no cluster starts on port 5432.
install:
	@need=""; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need="$$need postgresql"; \
	pkg-config --exists libpq 2>/dev/null || need="$$need libpq-dev"; \
	pkg-config --exists libxml-2.0 2>/dev/null || need="$$need libxml2-dev"; \
	pkg-config --exists libcrypto 2>/dev/null || need="$$need libssl-dev"; \
	command -v pkg-config >/dev/null || need="$$need pkg-config"; \
	command -v openssl >/dev/null || need="$$need openssl"; \
	if [ -n "$$need" ]; then \
	  $(SUDO) apt-get update -q; \
	  if [[ "$$need" == *postgresql* ]]; then \
	    $(SUDO) apt-get install -yq --no-install-recommends postgresql-common; \
	    $(SUDO) sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' \
	      /etc/postgresql-common/createcluster.conf; \
	  fi; \
	  $(SUDO) apt-get install -yq --no-install-recommends $$need; \
	fi

# What only the tests need: a second accounting program, a shifted clock, an outside reader.
install-test: install
	@need=""; \
	command -v hledger >/dev/null || need="$$need hledger"; \
	command -v faketime >/dev/null || need="$$need faketime"; \
	command -v psql >/dev/null || need="$$need postgresql-client"; \
	command -v python3 >/dev/null || need="$$need python3"; \
	if [ -n "$$need" ]; then \
	  $(SUDO) apt-get update -q; \
	  $(SUDO) apt-get install -yq --no-install-recommends $$need; \
	fi
	@test -x $(PYTHON)/bin/python || { \
	  python3 -c 'import ensurepip' 2>/dev/null || { \
	    $(SUDO) apt-get update -q; \
	    $(SUDO) apt-get install -yq --no-install-recommends python3-venv; }; \
	  python3 -m venv $(PYTHON); }
	@$(PYTHON)/bin/python -c 'import cardutil, iso4217, pycountry' 2>/dev/null || \
	  $(PYTHON)/bin/pip install -q --disable-pip-version-check cardutil iso4217 pycountry

test: install-test build
	swift test $(FLAGS) --skip-build --no-parallel

campaign: install-test build
	KVITT_CAMPAIGN=1 swift test $(FLAGS) --skip-build --no-parallel --filter "KillCampaign|CutTests|FeedMatrixTests|FeedOrderTests|BankFileTests|RewardOracleTests|WorldOracleTests|WorldKeptTests|RedemptionRaceTests|TamperWalkTests"
	python3 Tests/Mutants/mutants.py /var/tmp/kvitt-mutants

bench: install-test build
	KVITT_BENCH=1 KVITT_SCALE=$(SCALE) KVITT_TEN=$(TEN) swift test $(FLAGS) --skip-build --no-parallel --filter "BenchTests"

# Every parser for a minute under libFuzzer; KVITT_FUZZ adds the target to the package.
fuzz: install
	KVITT_FUZZ=1 swift build -c release --sanitize=fuzzer --product Fuzz --scratch-path .build/fuzz \
	  2>&1 | grep -v 'Cannot export local symbol'
	@for format in csv ndjson ipm camt camt-cards mt940 partner yaml; do \
	  mkdir -p .build/corpus/$$format; \
	  KVITT_FUZZ_FORMAT=$$format .build/fuzz/release/Fuzz -max_total_time=60 -max_len=20000 \
	    -rss_limit_mb=512 -timeout=5 -print_final_stats=1 .build/corpus/$$format Tests/Fuzz/corpus/$$format \
	    2>&1 | grep -E 'stat::number_of_executed|ERROR|SUMMARY|peak_rss' | sed "s/^/fuzz $$format: /"; \
	done

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Settlement Tests

format:
	swift format --in-place --recursive --parallel Package.swift Sources Settlement Tests

clean:
	rm -rf .build
