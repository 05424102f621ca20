# xreach: `make run`, `make test`, `make demo` as root on a fresh machine; `make help` lists the rest.
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool /usr/bin/bpftool) bpftool)
CC = gcc
PKGS = libbpf libelf zlib ncursesw libmicrohttpd jansson libcyaml yaml-0.1 libpcap nettle libcap-ng libseccomp libmnl sqlite3
Q = $(if $(V),,@)
JOBS ?= $(shell nproc)
ARGS ?=

# Asked once, and only by what compiles: `make help` and `make packages` work where nothing is installed.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(if $(shell pkg-config --exists $(PKGS) && echo y),,\
	$(error a library is missing: run `make packages` as root))$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)

CFLAGS += -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -D_GNU_SOURCE -Iinclude -Iuser -I$(BUILD) -MMD -MP $(PKG_CFLAGS)
LDLIBS = $(PKG_LIBS) -lm
ifdef SAN
BUILD := build/san
CFLAGS += -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
endif
# Clang has the fuzzer; of libseccomp's macros it thinks less than gcc does.
ifdef FUZZ_BUILD
BUILD := build/fuzz
override CC = $(CLANG)
CFLAGS += -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
	  -Wno-missing-field-initializers
endif
BPF_CFLAGS = -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Iinclude -I/usr/include/$(shell uname -m)-linux-gnu -MMD -MP

SRC := $(filter-out user/main.c,$(wildcard user/*.c user/*/*.c))
OBJ := $(SRC:%.c=$(BUILD)/%.o)
BPF_TESTS := $(patsubst tests/bpf/%.c,$(BUILD)/tests/bpf/%,$(wildcard tests/bpf/test_*.c))
BPF_RIG := $(patsubst tests/bpf/%.c,$(BUILD)/tests/bpf/%.o,$(filter-out $(wildcard tests/bpf/test_*.c),$(wildcard tests/bpf/*.c)))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))

all: $(BUILD)/xreach

$(BUILD)/xreach: $(BUILD)/user/main.o $(BUILD)/libxreach.a
	@echo "  LINK $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libxreach.a: $(OBJ)
	@rm -f $@
	$(Q)ar rcs $@ $^

$(BUILD)/xreach.bpf.o: bpf/xreach.bpf.c
	@mkdir -p $(@D); echo "  BPF  $@"
	$(Q)$(CLANG) $(BPF_CFLAGS) -c $< -o $@

$(BUILD)/xreach.skel.h: $(BUILD)/xreach.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name xreach_bpf > $@.tmp && mv $@.tmp $@

# Where the installed ranges lie is compiled in; written only when it changes.
$(BUILD)/datadir.h: FORCE
	@mkdir -p $(@D); echo '#define XREACH_DATADIR "$(PREFIX)/share/xreach"' > $@.tmp; \
	if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi

$(BUILD)/%.o: %.c | $(BUILD)/xreach.skel.h $(BUILD)/datadir.h
	@mkdir -p $(@D); echo "  CC   $@"
	$(Q)$(CC) $(CFLAGS) -c $< -o $@

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libxreach.a
	@mkdir -p $(@D); echo "  TEST $@"
	$(Q)$(CC) $(CFLAGS) -Werror=unused-function -Itests $(LDFLAGS) -o $@ $< $(BUILD)/libxreach.a $(LDLIBS) -lcmocka

$(BUILD)/tests/bench/bench: tests/bench/bench.c tests/bench/frames.c $(BUILD)/libxreach.a
	@mkdir -p $(@D); echo "  BENCH $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(BUILD)/libxreach.a $(LDLIBS)

SIMULATE := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/simulate/*.c))
$(SIMULATE): CFLAGS += -Itests
$(BUILD)/tests/simulate/simulate: $(SIMULATE) $(BUILD)/libxreach.a
	@echo "  SIM  $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Minutes; SCALE=10 for ten times the seeds, MORE=10 for ten times the runs of a warm-up, BLOCK=outage for those blocks only.
# Fails where a cell misses what is asked of it, unless PRINT=1.
simulate: $(BUILD)/tests/simulate/simulate
	$(Q)$< -s $(or $(SCALE),1) -m $(or $(MORE),1) $(if $(BLOCK),-b '$(BLOCK)') $(if $(PRINT),-p) -o $(BUILD)/simulate.svg; \
	status=$$?; echo; echo 'drawn: $(BUILD)/simulate.svg'; exit $$status

unit: $(UNIT)
	$(Q)for t in $^; do $$t || exit 1; done

unit-programs: $(UNIT)

$(BPF_TESTS): $(BUILD)/tests/bpf/%: $(BUILD)/tests/bpf/%.o $(BPF_RIG) $(BUILD)/libxreach.a
	@echo "  TEST $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka -lpthread

bpf-programs: $(BPF_TESTS)

$(BUILD)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/tests/fuzz/common.o $(BUILD)/libxreach.a
	@mkdir -p $(@D); echo "  FUZZ $@"
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer -Itests $(LDFLAGS) -o $@ $< $(BUILD)/tests/fuzz/common.o $(BUILD)/libxreach.a $(LDLIBS)

$(BUILD)/tests/fuzz/common.o: CFLAGS += -Itests

fuzz-programs: $(FUZZERS)

# ---- a fresh machine: what is missing is installed, then built, then run -------------------------------
packages:
	@tests/tools/packages build

run:
	@tests/tools/packages build
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@exec $(BUILD)/xreach top $(ARGS)

test:
	@tests/tools/packages build test
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@exec tests/run

demo:
	@tests/tools/packages build test
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@exec tests/lab/demo

bench:
	@tests/tools/packages build test
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@exec tests/bench/run $(BENCH)

# Every labelled case and how right the verdicts are: minutes, most of them in the lab.
accuracy:
	@tests/tools/packages build test
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@exec tests/accuracy/run $(CASES)

# February 2024: in the lab, the daemon killed so many times meanwhile (200: three quarters of an hour).
KILLS ?= 200
february:
	@tests/tools/packages build test
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@FORM=long KILLS=$(KILLS) tests/live/run february

# Each target for so many seconds; TARGETS="quic ranges" for some of them.
SECONDS ?= 60
fuzz:
	@tests/tools/packages build test
	@exec tests/fuzz/run -s $(SECONDS) $(TARGETS)

# On other kernels than this machine's, emulated: downloads about 120 MB, takes minutes, and so is no part of `test`.
kernels:
	@tests/tools/packages build test kernels
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@exec tests/kernels/run $(KERNELS)

# Form, layers, manual, and whether the help, the manual and the README speak of the same options.
check: all
	@find user bpf include tests -name '*.[ch]' | xargs clang-format --dry-run -Werror
	@tests/tools/check-layers $(BUILD) "$(CC) $(filter-out -MMD -MP,$(CFLAGS))"
	@mandoc -Tlint -Werror user/share/man/*.8
	@tests/tools/check-options $(BUILD)/xreach
	@tests/tools/check-install

# ---- installation --------------------------------------------------------------------------------------
SHARE = $(DESTDIR)$(PREFIX)/share
UNITS = $(DESTDIR)$(PREFIX)/lib/systemd/system
TO_PREFIX = s,/usr/local/,$(PREFIX)/,g

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(SHARE)/xreach/ranges $(SHARE)/xreach/prometheus $(SHARE)/man/man8 $(UNITS)
	install -m 755 $(BUILD)/xreach $(DESTDIR)$(PREFIX)/bin/xreach
	install -m 644 $(wildcard user/share/ranges/*) $(SHARE)/xreach/ranges
	install -m 644 $(wildcard user/share/prometheus/*) $(SHARE)/xreach/prometheus
	sed '$(TO_PREFIX)' user/share/xreach.yaml > $(SHARE)/xreach/xreach.yaml
	sed '$(TO_PREFIX)' user/share/man/xreach.8 > $(SHARE)/man/man8/xreach.8
	sed '$(TO_PREFIX)' user/share/systemd/xreach.service > $(UNITS)/xreach.service
	chmod 644 $(SHARE)/xreach/xreach.yaml $(SHARE)/man/man8/xreach.8 $(UNITS)/xreach.service

clean:
	rm -rf build

help:
	@echo 'make            build/xreach'
	@echo 'make run        install what is missing (as root), build, open the live view (ARGS="-i eth0")'
	@echo 'make test       install what is missing, build, run every suite'
	@echo 'make demo       install what is missing, build, walk through the lab with the live view'
	@echo 'make bench      what a packet costs'
	@echo 'make simulate   what the detector finds and misses on made traffic, and how soon (SCALE=10 BLOCK=outage PRINT=1)'
	@echo 'make accuracy   how right the verdicts are on every labelled case, as a confusion matrix (CASES=replay or lab)'
	@echo 'make february   the blocking of February 2024 in the lab, the daemon killed at random meanwhile (KILLS=200)'
	@echo 'make fuzz       the parsers against made-up input, a minute each (SECONDS=600; TARGETS="quic ranges")'
	@echo 'make kernels    xreach on kernels from 5.10 to the newest of Debian, in emulated machines'
	@echo 'make unit       the unit tests alone; SAN=1 with ASan and UBSan'
	@echo 'make check      form, layers, manual, options against help'
	@echo 'make packages   install what building needs, from tests/packages.txt'
	@echo 'make install    DESTDIR= PREFIX=/usr/local'
	@echo 'make clean      remove build/'
	@echo 'V=1 shows commands; SAN=1 builds build/san with ASan and UBSan'

.DELETE_ON_ERROR:
.PHONY: all unit unit-programs bpf-programs packages run test demo bench simulate accuracy february fuzz fuzz-programs kernels check install clean help FORCE
-include $(shell find $(BUILD) -type f -name '*.d' 2>/dev/null)
