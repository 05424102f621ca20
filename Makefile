# xreach: `make run`, `make test`, `make demo` as root on a fresh machine; `make help` lists the rest.
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool /usr/bin/bpftool) bpftool)
CC = gcc
PKGS = libbpf libelf zlib ncursesw libmicrohttpd jansson libcyaml libpcap nettle libcap-ng libseccomp
Q = $(if $(V),,@)

CFLAGS += -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	  -D_GNU_SOURCE -Iinclude -Iuser -I$(BUILD) -MMD -MP $(shell pkg-config --cflags $(PKGS))
LDLIBS = $(shell pkg-config --libs $(PKGS)) -lm
ifdef SAN
BUILD := build/san
CFLAGS += -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
endif
BPF_CFLAGS = -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Iinclude -I/usr/include/$(shell uname -m)-linux-gnu -MMD -MP

SRC := $(filter-out user/main.c,$(wildcard user/*.c user/*/*.c))
OBJ := $(SRC:%.c=$(BUILD)/%.o)
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

$(BUILD)/%.o: %.c | $(BUILD)/xreach.skel.h
	@mkdir -p $(@D); echo "  CC   $@"
	$(Q)$(CC) $(CFLAGS) -c $< -o $@

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libxreach.a
	@mkdir -p $(@D); echo "  TEST $@"
	$(Q)$(CC) $(CFLAGS) -Werror=unused-function -Itests $(LDFLAGS) -o $@ $< $(BUILD)/libxreach.a $(LDLIBS) -lcmocka

unit: $(UNIT)
	$(Q)for t in $^; do $$t || exit 1; done

clean:
	rm -rf build

.DELETE_ON_ERROR:
.PHONY: all unit clean
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
