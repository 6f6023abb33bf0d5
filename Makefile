# digitnet: a neural network inside SQLite.
#
#   make               builds ./digitnet.so
#   make deps demo     installs what is missing, then walks through it all: sql/demo.sh
#   make deps test     the same, then runs the tests: tests/run.sh
#   make test SAN=1    the tests under AddressSanitizer and UBSan (gcc)
#   make test SAN=thread   those that have threads, under ThreadSanitizer
#   make valgrind      the tests under valgrind (SHORT=1: some)
#   make coverage      the lines and branches that the tests reach, and those they do not
#   make layers        checks that core and loaders know nothing of SQLite or each other
#   make kill          kill -9 at random moments of training (SHORT=1: 15 of them)
#   make fuzz          made-up files, models, options, SQL, sanitized (SHORT=1: 30 s each)
#   make oom           every allocation fails once, in all that SQL can ask (SHORT=1: of a kind)
#   make io            every read, write, lock … fails once; full disks (SHORT=1: a sample)
#   make interrupt     from sqlite3_interrupt to return, at random moments (SHORT=1: fewer)
#   make load          two processes, ten connections: MINUTES=10 of it (SHORT=1: 20 s)
#   make bench         how fast and how accurate, beside PyTorch and ONNX Runtime
#   make search        what search_model finds, beside the default network for the same cost
#   make onnx          ONNX files, against ONNX's checker and ONNX Runtime (SHORT=1: fewer)
#   make picture       the README's picture of the page, and the one it is tested by, anew
#   make model         trains the built-in model anew, in hours (SHORT=1: a minute, for show)
#   make cross ARCH=…  the tests on s390x, arm64 or i386, under emulation (SHORT=1: some)
#   make old-new       the SQL tests in SQLite 3.31 and in the newest (SHORT=1: some of them)
#   make install       to PREFIX; and other ways to hand it on: ext/package/package.mk
#   make packages      makes and tries each of those (SHORT=1: without the Debian package)
#   make clients       from Python, Node, Go, C and more: tests/clients
#   make cluster       in three dqlite nodes, one of which is killed: tests/cluster
#   make style         checks the C files against .clang-format
#   make clean
#
# Everything a build makes lies in build/, but for digitnet.so itself. CC=clang, CFLAGS=…
# and B=another/build/folder work as one would expect; V=1 shows the commands.

ifneq (,$(filter deps,$(MAKECMDGOALS)))

# `make deps test` on a bare machine: there is no compiler yet to ask anything. So deps
# goes first, and the other goals are left to a make of their own that starts after it.
GOALS := $(filter-out deps,$(MAKECMDGOALS))

deps:
	@tests/deps.sh
ifneq (,$(GOALS))
$(firstword $(GOALS)): deps
	@$(MAKE) --no-print-directory $(GOALS)
$(wordlist 2,99,$(GOALS)): $(firstword $(GOALS)) ;
endif

.PHONY: deps $(GOALS)

else

CC      ?= cc
CFLAGS  ?= -O2 -g
KOPT    ?= -O3
WARN     = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes
B       ?= build
SO      ?= digitnet.so
Q        = $(if $(V),,@)

# Sanitised code misleads gcc's warnings about bounds: they are the plain build's matter.
ifdef SAN
WARN     =
B        = build/san
SO       = $(B)/digitnet.so
CFLAGS   = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=undefined \
           -fsanitize=address,undefined,float-cast-overflow
endif
ifeq ($(SAN),thread)
B        = build/tsan
CFLAGS   = -O1 -g -fno-omit-frame-pointer -fsanitize=thread
endif

MAKEFLAGS += --no-builtin-rules

# No contraction of a*b+c: a fused multiply-add happens where the source says so, and
# nowhere else, or the same model would have other bits on another machine.
ALL_CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -fPIC \
             -fvisibility=hidden -pthread -ffp-contract=off $(WARN) $(CPPFLAGS) $(CFLAGS)
LIBS     = -lpng -lz -lm -pthread

MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)

# --- objects -----------------------------------------------------------------------

CORE    = $(patsubst %.c,$(B)/%.o,$(wildcard core/*.c core/onnx/*.c))
LOADERS = $(patsubst %.c,$(B)/%.o,$(wildcard loaders/*.c))
EXT     = $(patsubst %.c,$(B)/%.o,$(wildcard ext/*.c ext/*/*.c))

# core/kernels/kernels.c is compiled once for each instruction set; core/isa.c chooses
# among them when the library runs. -O3 here: loops of constant length must unroll.
KERNELS = $(B)/core/kernels/portable.o
X86_32  = $(filter i386-% i486-% i586-% i686-%,$(MACHINE))
ifneq (,$(X86_32)$(filter x86_64-%,$(MACHINE)))
KERNELS += $(B)/core/kernels/avx2.o $(B)/core/kernels/avx512.o
endif
KFLAGS_avx2     = -mavx2 -mfma -DDN_WIDTH=8
KFLAGS_avx512   = -mavx512f -mavx512vl -mavx512dq -mavx512bw -mfma \
                  -mprefer-vector-width=512 -DDN_WIDTH=16
KFLAGS_portable = -DDN_WIDTH=4
ifneq (,$(X86_32))
ALL_CFLAGS += -msse2 -mfpmath=sse
endif
# gcc for s390x, asked for C11, computes floats as doubles where it can.
ifneq (,$(filter s390x-%,$(MACHINE)))
ALL_CFLAGS += -fexcess-precision=fast
endif

CORE += $(KERNELS)
OBJS  = $(CORE) $(LOADERS) $(EXT)

all: $(SO)

$(SO): $(OBJS)
	@echo "  ld  $@"
	$(Q)$(CC) -shared -Wl,-z,defs -Wl,--exclude-libs,ALL $(ALL_CFLAGS) $(LDFLAGS) \
	    -o $@ $(OBJS) $(LIBS)

$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(KERNELS): $(B)/core/kernels/%.o: core/kernels/kernels.c Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(KOPT) $(KFLAGS_$*) -DDN_ISA=$* -MMD -MP -c -o $@ $<

# The built-in model and what is told of it, as numbers between commas.
$(B)/ext/%.inc: ext/%
	@mkdir -p $(@D)
	$(Q)od -An -v -tu1 $< | sed 's/\([0-9][0-9]*\)/\1,/g' > $@

$(B)/ext/model/builtin.o: $(B)/ext/model/builtin.model.inc $(B)/ext/model/builtin.json.inc
$(B)/ext/model/builtin.o: ALL_CFLAGS += -I$(B)/ext/model

# --- packages: install, amalgamation, static, npm, wheel, deb, dist --------------------

include ext/package/package.mk

# --- tests ---------------------------------------------------------------------------

# tests/unit/test_NAME.c is a program of its own, linked with core and loaders. Those
# called test_sql… open databases: they load the library as any host would.
UNIT = $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

$(B)/tests/%: tests/unit/%.c $(CORE) $(LOADERS) Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -MT $@ -o $@ $< $(CORE) $(LOADERS) \
	    $(LIBS) $(if $(filter test_sql%,$*),-lsqlite3)

# tests/fault/NAME.c: what goes wrong at any moment. Run in build/fault, each by a goal.
FAULT = $(patsubst tests/fault/%.c,$(B)/tests/fault_%,$(wildcard tests/fault/*.c))

$(B)/tests/fault_%: tests/fault/%.c $(wildcard tests/fault/*.h) \
                    tests/unit/sql.h tests/unit/check.h Makefile
	@mkdir -p $(@D)
	@echo "  cc  $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< -pthread -lm -lsqlite3

kill interrupt oom io load: %: $(SO) $(B)/tests/fault_%
	@mkdir -p $(B)/fault/build/tmp
	@ln -sfn $(abspath $(SO)) $(B)/fault/digitnet.so
	@ln -sfn $(CURDIR)/sql $(CURDIR)/tests $(B)/fault
	cd $(B)/fault && $(abspath $(B))/tests/fault_$@

# tests/fuzz/fuzz_NAME.c: takes any bytes; tests/fuzz/fuzz.h. Here linked with what replays
# inputs, as a test; by tests/fuzz/run.sh with libFuzzer, which makes them up.
FUZZ = $(patsubst tests/fuzz/%.c,$(B)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_MAIN = tests/fuzz/replay.c

# An archive: a target gets what it calls and no more, for libFuzzer goes over all of a
# program's counters after each run.
FUZZ_LIBRARY = $(B)/tests/fuzz/library.a

$(B)/tests/fuzz/library.o $(B)/tests/fuzz/database.o: $(wildcard tests/fuzz/*.h)

$(FUZZ_LIBRARY): $(OBJS) $(B)/tests/fuzz/library.o $(B)/tests/fuzz/database.o
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/tests/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_LIBRARY) $(FUZZ_MAIN) \
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
TESTED = $(if $(filter thread,$(SAN)),$(foreach t,train model saliency sql_%,\
    $(filter $(B)/tests/test_$(t),$(UNIT))),$(UNIT) $(FUZZ))

test: $(SO) $(TESTED) $(FAULT)
	@B=$(B) SO=$(SO) CC='$(CC)' SAN=$(SAN) tests/run.sh $(TESTED)

demo: $(SO)
	@SO=$(SO) sql/demo.sh

# The library as Python, Node, Go, C and others use it: tests/clients.
clients: $(SO) static
	@B=$(B) SO=$(SO) CC='$(CC)' tests/clients/run.sh

# In a cluster: three dqlite nodes with the library linked in: tests/cluster.
cluster: $(SO) static
	@B=$(B) SO=$(SO) tests/cluster/run.sh

# The pictures of the page, after a change that is meant to be seen: tests/picture.sh.
picture: $(SO)
	@SO=$(SO) tests/picture.sh

# What the tests reach, with those of faults: tests/coverage.sh. SHORT=1: without the long.
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

# Trains the built-in model anew: sql/model.sql is the recipe.
model: $(SO)
	@B=$(B) SO=$(SO) sql/model.sh

# The tests of another architecture, under emulation, and models from there and to there:
# tests/cross.sh.
cross: $(SO)
	@ARCH=$(ARCH) SO=$(SO) tests/cross.sh

arm64:
	@$(MAKE) --no-print-directory cross ARCH=arm64

# Speed and accuracy beside the peers that are found: tests/bench/run.sh says how.
BENCH = $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/*.c))

bench: $(SO) $(BENCH) $(CORE)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $(B)/tests/bench.exe $(BENCH) $(CORE) -lm -pthread -lsqlite3
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

layers: $(SO)
	@tests/layers.sh $(SO) "$(CORE)" "$(LOADERS)" "$(EXT)"

style:
	clang-format --dry-run -Werror \
	    $(filter-out build/%,$(wildcard */*.c */*.h */*/*.c */*/*.h))

clean:
	rm -rf $(B) $(SO)

-include $(OBJS:.o=.d) $(UNIT:=.d) $(BENCH:.o=.d)

.PHONY: all units fuzzers fuzz test coverage valgrind kill interrupt oom io load clients cluster \
        demo picture model cross arm64 bench search onnx old-new layers style clean

endif
