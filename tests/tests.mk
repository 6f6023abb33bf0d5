# tests.mk - a part of the Makefile: the programs that test the library, and the goals
# that run them. `make help` lists these; tests/run.sh says what a test is.

# --- programs ---------------------------------------------------------------------------

# Each test_NAME.c is a program. Those of tests/unit are linked with core and loaders;
# those of tests/host open databases and load the library as any host would. Its name
# without .c is what ONLY goes by.
UNIT = $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*/test_*.c tests/host/test_*.c))

$(UNIT): $(B)/%: %.c $(CORE) $(LOADERS) Makefile tests/tests.mk
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -MT $@ -o $@ $< $(CORE) $(LOADERS) \
	    $(LIBS) $(if $(filter tests/host/%,$*),-lsqlite3)

# tests/fault/NAME.c: what goes wrong at any moment. Each by a goal, in build/fault/NAME.
FAULT = $(patsubst tests/fault/%.c,$(B)/tests/fault_%,$(wildcard tests/fault/*.c))

$(B)/tests/fault_%: tests/fault/%.c $(wildcard tests/fault/*.h) \
                    tests/host/sql.h tests/unit/check.h Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -pthread -lm -lz -lsqlite3

kill interrupt oom io load: %: $(SO) $(B)/tests/fault_%
	@mkdir -p $(B)/fault/$@/build/tmp
	@ln -sfn $(abspath $(SO)) $(B)/fault/$@/digitnet.so
	@ln -sfn $(CURDIR)/sql $(CURDIR)/tests $(B)/fault/$@
	cd $(B)/fault/$@ && $(abspath $(B))/tests/fault_$@

# tests/fuzz/fuzz_NAME.c: takes any bytes; tests/fuzz/fuzz.h. Here linked with what
# replays inputs, as a test; by tests/fuzz/run.sh with libFuzzer, which makes them up.
FUZZ = $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_MAIN = tests/fuzz/replay.c

# An archive: a target gets what it calls and no more, for libFuzzer goes over all of a
# program's counters after each run.
FUZZ_LIBRARY = $(B)/tests/fuzz/library.a

$(B)/tests/fuzz/library.o $(B)/tests/fuzz/database.o: $(wildcard tests/fuzz/*.h)

$(FUZZ_LIBRARY): $(OBJS) $(B)/tests/fuzz/library.o $(B)/tests/fuzz/database.o
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(FUZZ): $(B)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_LIBRARY) $(FUZZ_MAIN) \
    $(wildcard tests/fuzz/*.h) Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(FUZZ_FLAGS) -DFUZZ_NAME='"$*"' -o $@ $< \
	    $(FUZZ_MAIN) $(FUZZ_LIBRARY) $(LIBS) -lsqlite3

fuzzers: $(FUZZ)

fuzz:
	@tests/fuzz/run.sh

units: $(UNIT) $(FAULT) $(FUZZ)

# Under ThreadSanitizer only what has threads.
THREADED = $(foreach t,unit/core/test_threads unit/core/test_train unit/core/test_model \
    unit/core/test_saliency host/%,$(filter $(B)/tests/$(t),$(UNIT)))
PROGRAMS = $(if $(filter thread,$(SAN)),$(THREADED),$(UNIT) $(FUZZ))

# With ONLY, patterns of the shell, what they do not match is not built either; nor is the
# library for programs of tests/unit alone.
SPACE := $(subst ,, )
TESTED = $(if $(ONLY),$(shell for program in $(PROGRAMS); do \
    case $${program#$(B)/tests/} in ($(subst $(SPACE),|,$(strip $(ONLY)))) \
        echo $$program ;; esac; done),$(PROGRAMS))

test: $(if $(filter-out unit/%,$(or $(ONLY),*)),$(SO)) $(TESTED) $(if $(ONLY),,$(FAULT))
	@B=$(B) SO=$(SO) CC='$(CC)' SAN=$(SAN) tests/run.sh $(TESTED)

demo: $(SO)
	@SO=$(SO) sql/demo/demo.sh

# The library as Python, Node, Go, C and others use it: tests/clients.
clients: $(SO) static
	@B=$(B) SO=$(SO) CC='$(CC)' tests/clients/run.sh

# In a cluster: three dqlite nodes with the library linked in: tests/cluster.
cluster: $(SO) static
	@B=$(B) SO=$(SO) tests/cluster/run.sh

# The pictures of the page, after a change that is meant to be seen:
# tests/page/picture.sh.
picture: $(SO)
	@SO=$(SO) tests/page/picture.sh

# What the tests reach, with those of faults: tests/coverage.sh. SHORT=1: without the
# long.
COVERED = B=build/coverage SO=build/coverage/digitnet.so CC=gcc WARN= KOPT="-O2 -fprofile-update=single" \
    CFLAGS='-O0 -g --coverage -fprofile-update=atomic -DNDEBUG'

coverage:
	@$(MAKE) --no-print-directory $(COVERED) all units
	@find build/coverage -name '*.gcda' -delete
	-@$(MAKE) --no-print-directory $(COVERED) SECONDS_EACH=1500 \
	    ONLY="$${ONLY:-$(if $(SHORT),*[!.]??,*)}" test
	-@for goal in $(if $(ONLY),,kill interrupt oom io load); do \
	    SHORT=1 MOST_MS=100000 $(MAKE) --no-print-directory $(COVERED) $$goal; done
	@tests/coverage.sh $(CURDIR)/build/coverage build/coverage/missed.txt

# Under valgrind, which knows no AVX-512: memcheck of the units and some scripts.
valgrind: $(SO) units
	@B=$(B) SO=$(SO) tests/valgrind.sh $(UNIT)

# Trains the built-in model again: sql/builtin/model.sql is the recipe.
model: $(SO)
	@B=$(B) SO=$(SO) sql/builtin/model.sh

# The tests of another architecture, under emulation, and models from there and to there:
# tests/cross.sh.
cross: $(SO)
	@ARCH=$(ARCH) SO=$(SO) tests/cross.sh

arm64:
	@$(MAKE) --no-print-directory cross ARCH=arm64

# Speed and accuracy beside the peers that are found: tests/bench/run.sh says how.
BENCH = $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/*.c))
DNNL = $(if $(wildcard /usr/include/oneapi/dnnl/dnnl.h),-ldnnl)

bench: $(SO) $(BENCH) $(CORE)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $(B)/tests/bench.exe $(BENCH) $(CORE) -lm -pthread -lsqlite3 -ldl $(DNNL)
	@B=$(B) SO=$(SO) tests/bench/run.sh

# Whether a search beats the default network for the same cost: tests/bench/search.sh.
search: $(SO)
	@B=$(B) SO=$(SO) tests/bench/search.sh

# ONNX files against python3-onnx and ONNX Runtime: tests/onnx/run.sh says what it needs.
onnx: $(SO)
	@B=$(B) SO=$(SO) tests/onnx/run.sh

# The SQL tests in the oldest SQLite that is promised and in the newest: tests/oldnew.sh.
old-new: $(SO)
	@B=$(B) CC='$(CC)' CORE='$(CORE)' LOADERS='$(LOADERS)' tests/oldnew.sh

-include $(UNIT:=.d) $(BENCH:.o=.d)

.PHONY: units fuzzers fuzz test coverage valgrind kill interrupt oom io load clients cluster \
        demo picture model cross arm64 bench search onnx old-new
